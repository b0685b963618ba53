using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>Writes the start of a safetensors file whose tensors end where the file ends.</summary>
/// <remarks>The format: https://github.com/huggingface/safetensors#format. Spaces may follow the JSON, so that data starts aligned.</remarks>
internal static class SafetensorsHeader
{
    public const int MinimumSize = 65_536;

    private const int HeaderSize = 2048;
    private const int Width = 1024;
    private const int RowSize = Width * 2;
    private const int LayerCount = 8;

    public static byte[] Create(long size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinimumSize);
        var bytes = new byte[HeaderSize];
        bytes.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(bytes, HeaderSize - sizeof(long));
        JsonSerializer.SerializeToUtf8Bytes(Describe(size - HeaderSize)).CopyTo(bytes, sizeof(long));
        return bytes;
    }

    private static JsonObject Describe(long dataSize)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var rows = (dataSize - 1) / RowSize / LayerCount;
        var offset = 0L;
        for (var i = 0; i < LayerCount; i++)
        {
            header[$"encoder.layer.{i}.output.dense.weight"] = Tensor("F16", [rows, Width], offset, offset += rows * RowSize);
        }

        // One byte for each weight: takes whatever is left.
        header["pooler.dense.weight"] = Tensor("U8", [dataSize - offset], offset, dataSize);
        return header;
    }

    private static JsonObject Tensor(string type, long[] shape, long start, long end) => new()
    {
        ["dtype"] = type,
        ["shape"] = new JsonArray([.. shape.Select(dimension => (JsonNode)dimension)]),
        ["data_offsets"] = new JsonArray(start, end),
    };
}
