using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Counts what is read of a request's body.</summary>
internal sealed class CountingStream(Stream inner) : ForwardStream
{
    public long Count { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count += read;
        return read;
    }
}
