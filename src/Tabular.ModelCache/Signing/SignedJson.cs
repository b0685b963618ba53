using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tabular.ModelCache.Signing;

/// <summary>Writes JSON documents in one readable form.</summary>
internal static class SignedJson
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",

        // Base64 has '+', which the default encoder writes as \u002B: legal, and hard to read.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }
}
