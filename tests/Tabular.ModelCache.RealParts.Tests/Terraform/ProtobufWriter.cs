using System.Text;

namespace Tabular.ModelCache.RealParts.Tests.Terraform;

/// <summary>Writes a message of Protocol Buffers: the two wire types that a schema needs.</summary>
internal sealed class ProtobufWriter
{
    private const int VarIntType = 0;
    private const int LengthType = 2;

    private readonly List<byte> _bytes = [];

    public ProtobufWriter Number(int field, long value)
    {
        Tag(field, VarIntType);
        VarInt((ulong)value);
        return this;
    }

    public ProtobufWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufWriter Message(int field, ProtobufWriter message) => Bytes(field, message.ToArray());

    public byte[] ToArray() => [.. _bytes];

    private ProtobufWriter Bytes(int field, byte[] value)
    {
        Tag(field, LengthType);
        VarInt((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    private void Tag(int field, int type) => VarInt(((ulong)field << 3) | (uint)type);

    private void VarInt(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}
