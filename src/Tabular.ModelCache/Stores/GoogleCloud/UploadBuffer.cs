using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>
/// The window of content that the server may still ask for again: bytes from <see cref="Offset"/> on that are read and not yet
/// known to be persisted. It also carries the CRC32C and the length of all that was read.
/// </summary>
internal sealed class UploadBuffer : IDisposable
{
    private readonly Stream _content;
    private readonly Crc32 _crc = Stores.Crc32C.Create();
    private readonly int _capacity;
    private readonly bool _isRented;
    private Memory<byte>? _bytes;

    private UploadBuffer(Stream content, Memory<byte> bytes, int capacity, bool isRented)
    {
        _content = content;
        _bytes = bytes;
        _capacity = capacity;
        _isRented = isRented;
    }

    /// <param name="content">The content, read from where it stands.</param>
    /// <param name="capacity">
    /// One byte more than is sent at once: that the byte is there proves that a chunk is not the last, and the last is withheld
    /// until the content has ended by itself.
    /// </param>
    /// <param name="mostInMemory">Up to so many bytes are sent from where they lie, if they lie in memory.</param>
    public static UploadBuffer For(Stream content, int capacity, int mostInMemory)
    {
        if (content is MemoryStream memory && memory.Length - memory.Position <= mostInMemory && memory.TryGetBuffer(out var segment))
        {
            var bytes = segment.AsMemory((int)memory.Position);
            memory.Position = memory.Length;
            var whole = new UploadBuffer(Stream.Null, bytes, bytes.Length, isRented: false) { Count = bytes.Length, IsComplete = true };
            whole._crc.Append(bytes.Span);
            return whole;
        }

        return new UploadBuffer(content, ArrayPool<byte>.Shared.Rent(capacity), capacity, isRented: true);
    }

    /// <summary>Where in the content the first held byte lies.</summary>
    public long Offset { get; private set; }

    public int Count { get; private set; }

    /// <summary>Whether the content has answered a read with 0.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>How many bytes were read; the length of the content once <see cref="IsComplete"/>.</summary>
    public long Length => Offset + Count;

    public uint Crc32C => _crc.GetCurrentHashAsUInt32();

    public ReadOnlyMemory<byte> Memory => Bytes[..Count];

    private Memory<byte> Bytes => _bytes ?? throw new ObjectDisposedException(nameof(UploadBuffer));

    public async Task FillAsync(CancellationToken cancellationToken)
    {
        while (!IsComplete && Count < _capacity)
        {
            var read = await _content.ReadAsync(Bytes[Count.._capacity], cancellationToken).ConfigureAwait(false);
            _crc.Append(Bytes.Span.Slice(Count, read));
            Count += read;
            IsComplete = read == 0;
        }
    }

    /// <summary>Forgets the first bytes, which the server has persisted.</summary>
    public void Consume(int count)
    {
        Bytes[count..Count].CopyTo(Bytes);
        Offset += count;
        Count -= count;
    }

    public void Dispose()
    {
        if (_bytes is { } bytes)
        {
            _bytes = null;
            if (_isRented && MemoryMarshal.TryGetArray<byte>(bytes, out var segment))
            {
                ArrayPool<byte>.Shared.Return(segment.Array!);
            }
        }
    }
}
