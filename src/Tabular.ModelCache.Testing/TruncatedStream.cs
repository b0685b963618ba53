using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Yields the first bytes of a stream and then breaks like a lost connection.</summary>
internal sealed class TruncatedStream(Stream inner, string name, long limit) : ForwardStream
{
    private long _passed;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer[..Limit(buffer.Length)]));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer[..Limit(buffer.Length)], cancellationToken).ConfigureAwait(false));

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Limit(int wanted) => _passed < limit || wanted == 0
        ? (int)Math.Min(wanted, limit - _passed)
        : throw new ObjectStoreException(ObjectStoreError.Unavailable, $"Injected: the content of '{name}' broke off after {limit} bytes.", name);

    private int Count(int read)
    {
        _passed += read;
        return read;
    }
}
