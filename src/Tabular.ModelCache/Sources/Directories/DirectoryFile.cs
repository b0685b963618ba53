namespace Tabular.ModelCache.Sources.Directories;

/// <summary>One file of a folder.</summary>
internal sealed class DirectoryFile(string fullPath) : SourceFile
{
    public override bool SupportsRanges => true;

    public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) => OpenAsync(0, long.MaxValue, cancellationToken);

    public override Task<Stream> OpenRangeAsync(long offset, long count, CancellationToken cancellationToken = default) =>
        OpenAsync(offset, count, cancellationToken);

    private async Task<Stream> OpenAsync(long offset, long count, CancellationToken cancellationToken)
    {
        try
        {
            return await DirectoryStream.OpenAsync(fullPath, offset, count, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The source file '{fullPath}' cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
