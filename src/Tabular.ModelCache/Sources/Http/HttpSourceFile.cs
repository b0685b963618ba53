namespace Tabular.ModelCache.Sources.Http;

/// <summary>One file behind a URL, read whole or in ranges; both go on by themselves after a failure in mid-body.</summary>
internal sealed class HttpSourceFile(SourceHttpClient http, SourceRequest request) : SourceFile
{
    private volatile bool _rangesRefused;

    public SourceHttpClient Http { get; } = http;

    public SourceRequest Request { get; } = request;

    public FileTarget Target { get; } = new(http, request);

    public EntityTags Tags { get; } = new();

    /// <summary>Makes the digest that proves the bytes, where the source promises another one than SHA-256.</summary>
    public Func<IContentProof>? Proof { get; init; }

    public override bool SupportsRanges => !_rangesRefused;

    public override IContentProof? CreateProof() => Proof?.Invoke();

    public override async Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
    {
        var stream = new HttpBodyStream(this, 0, Size, isRange: false);
        return await OpenAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    public override async Task<Stream> OpenRangeAsync(long offset, long count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Size - offset);
        if (_rangesRefused)
        {
            throw new NotSupportedException($"The source of '{Path}' gives no ranges.");
        }

        var stream = new HttpBodyStream(this, offset, count, isRange: true);
        return await OpenAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes that the server answers a range with the whole file.</summary>
    public void RefuseRanges() => _rangesRefused = true;

    private static async Task<Stream> OpenAsync(HttpBodyStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await stream.OpenAsync(cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
