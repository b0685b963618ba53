using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Content on its way into a store; its end is an exception when it is not what was declared, so that nothing is stored.</summary>
internal sealed class DigestStream(Stream inner, UploadDigest digest, Func<UploadDigest, string?> finish) : ForwardStream
{
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        digest.Append(buffer.Span[..read]);
        if (read > 0)
        {
            return read;
        }

        _ended = true;
        return finish(digest) is { } problem ? throw new ObjectStoreException(ObjectStoreError.Corrupted, problem) : 0;
    }
}
