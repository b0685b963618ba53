using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>CRC32C as Cloud Storage writes it: base64 of four bytes, big endian.</summary>
internal sealed class Crc32CConverter : JsonConverter<uint>
{
    public override uint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetBytesFromBase64(out var bytes) || bytes.Length != sizeof(uint))
        {
            throw new JsonException("A crc32c must be a string with the base64 of four bytes.");
        }

        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public override void Write(Utf8JsonWriter writer, uint value, JsonSerializerOptions options)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        writer.WriteBase64StringValue(bytes);
    }
}
