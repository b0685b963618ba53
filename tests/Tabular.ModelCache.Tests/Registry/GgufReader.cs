using System.Text;

namespace Tabular.ModelCache.Tests.Registry;

/// <summary>Reads the start of a GGUF file as the format's document says, knowing nothing of who wrote it.</summary>
internal sealed class GgufReader : IDisposable
{
    private readonly BinaryReader _reader;

    public GgufReader(Stream stream)
    {
        _reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        Encoding.ASCII.GetString(_reader.ReadBytes(4)).Should().Be("GGUF");
        _reader.ReadUInt32().Should().Be(3);
        var tensors = _reader.ReadInt64();
        var metadata = _reader.ReadInt64();
        for (var i = 0; i < metadata; i++)
        {
            Metadata.Add(ReadText(), ReadValue(_reader.ReadUInt32()));
        }

        for (var i = 0; i < tensors; i++)
        {
            var name = ReadText();
            var shape = Enumerable.Range(0, (int)_reader.ReadUInt32()).Select(_ => _reader.ReadInt64()).ToArray();
            Tensors.Add(new Tensor(name, SizeOf(_reader.ReadUInt32(), shape), _reader.ReadInt64()));
        }

        var alignment = (uint)Metadata["general.alignment"];
        DataStart = (stream.Position + alignment - 1) / alignment * alignment;
    }

    public Dictionary<string, object> Metadata { get; } = [];

    public List<Tensor> Tensors { get; } = [];

    public long DataStart { get; }

    public void Dispose() => _reader.Dispose();

    private static long SizeOf(uint type, long[] shape)
    {
        var count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        return type switch
        {
            8 when shape[0] % 32 == 0 => count / 32 * 34,
            24 => count,
            _ => throw new FormatException($"Type {type} with the shape [{string.Join(", ", shape)}]."),
        };
    }

    private object ReadValue(uint type) => type switch
    {
        4 => _reader.ReadUInt32(),
        6 => _reader.ReadSingle(),
        8 => ReadText(),
        9 => ReadArray(),
        _ => throw new FormatException($"Type {type}."),
    };

    private object[] ReadArray()
    {
        var type = _reader.ReadUInt32();
        var values = new object[_reader.ReadInt64()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ReadValue(type);
        }

        return values;
    }

    private string ReadText() => Encoding.UTF8.GetString(_reader.ReadBytes((int)_reader.ReadInt64()));

    internal sealed record Tensor(string Name, long Size, long Offset);
}
