using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>Yields bytes in small pieces, and then ends, throws, or does something first.</summary>
internal sealed class TrickleStream(byte[] bytes, int piece, Exception? failure = null) : ForwardStream
{
    private int _position;

    public Func<Task>? AtEnd { get; init; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        var count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - _position);
        if (count == 0 && buffer.Length > 0)
        {
            await (AtEnd?.Invoke() ?? Task.CompletedTask);
            return failure is null ? 0 : throw failure;
        }

        bytes.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
