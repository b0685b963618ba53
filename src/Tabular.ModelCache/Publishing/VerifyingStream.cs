using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Hashes a source while it is uploaded. It answers the read of the end only when the bytes are those that the source promised, so that
/// no wrong object ever comes to exist.
/// </summary>
/// <param name="file">What the source promised.</param>
/// <param name="regionSize">The size of the regions of a large file.</param>
/// <param name="source">The bytes; disposed with this stream.</param>
/// <param name="progress">Is told how many bytes were read.</param>
/// <param name="verified">Is awaited at the end, when all is proven and before the reader learns of it.</param>
internal sealed class VerifyingStream(
    SourceFile file, long regionSize, Stream source, Action<int> progress, Func<ManifestFile, Task> verified) : ForwardStream
{
    private readonly ContentDigests _digests = new(file, regionSize);
    private bool _ended;

    /// <summary>Gets what the bytes turned out to be; set at the end.</summary>
    public ManifestFile? Result { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        var read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            Result = _digests.Finish();
            await verified(Result).ConfigureAwait(false);
            _ended = true;
            return 0;
        }

        _digests.Append(buffer[..read]);
        progress(read);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
            _digests.Dispose();
        }

        base.Dispose(disposing);
    }
}
