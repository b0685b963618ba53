using System.Text;

namespace Tabular.ModelCache.Testing;

/// <summary>Writes the start of a GGUF file whose tensors end where the file ends.</summary>
/// <remarks>The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.</remarks>
internal static class GgufHeader
{
    public const int MinimumSize = 65_536;

    private const uint UInt32 = 4;
    private const uint Float32 = 6;
    private const uint String = 8;
    private const uint Array = 9;
    private const uint Q8 = 8;
    private const uint Int8 = 24;
    private const int Alignment = 32;
    private const int Width = 2048;

    // 2048 weights in blocks of 32, each with a scale of two bytes. A multiple of the alignment, so that no gap lies between tensors.
    private const int RowSize = Width / 32 * 34;
    private const int BlockCount = 16;

    public static byte[] Create(long size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinimumSize);
        // All numbers have a fixed width: the header is as long for any size.
        var length = Write(0).Length;
        return Write(size - length);
    }

    private static byte[] Write(long dataSize)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write(BlockCount + 2L);
        writer.Write(11L);
        WriteString(writer, "general.architecture", "llama");
        WriteString(writer, "general.name", "Generated");
        WriteUInt32(writer, "general.alignment", Alignment);
        WriteUInt32(writer, "general.file_type", 7);
        WriteUInt32(writer, "general.quantization_version", 2);
        WriteUInt32(writer, "llama.block_count", BlockCount);
        WriteUInt32(writer, "llama.context_length", 131_072);
        WriteUInt32(writer, "llama.embedding_length", Width);
        WriteUInt32(writer, "llama.attention.head_count", 32);
        WriteText(writer, "llama.rope.freq_base");
        writer.Write(Float32);
        writer.Write(500_000f);
        WriteText(writer, "tokenizer.ggml.tokens");
        writer.Write(Array);
        writer.Write(String);
        writer.Write(3L);
        WriteText(writer, "<|begin_of_text|>");
        WriteText(writer, "<|end_of_text|>");
        WriteText(writer, "a");
        WriteTensors(writer, dataSize);
        writer.Write(new byte[(Alignment - stream.Length % Alignment) % Alignment]);
        return stream.ToArray();
    }

    private static void WriteTensors(BinaryWriter writer, long dataSize)
    {
        var rows = (dataSize - 1) / RowSize / (BlockCount + 1);
        var offset = 0L;
        for (var i = -1; i < BlockCount; i++)
        {
            WriteText(writer, i < 0 ? "token_embd.weight" : $"blk.{i}.ffn_down.weight");
            writer.Write(2u);
            writer.Write((long)Width);
            writer.Write(rows);
            writer.Write(Q8);
            writer.Write(offset);
            offset += rows * RowSize;
        }

        // One byte for each weight: takes whatever is left.
        WriteText(writer, "output_norm.weight");
        writer.Write(1u);
        writer.Write(dataSize - offset);
        writer.Write(Int8);
        writer.Write(offset);
    }

    private static void WriteString(BinaryWriter writer, string key, string value)
    {
        WriteText(writer, key);
        writer.Write(String);
        WriteText(writer, value);
    }

    private static void WriteUInt32(BinaryWriter writer, string key, uint value)
    {
        WriteText(writer, key);
        writer.Write(UInt32);
        writer.Write(value);
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }
}
