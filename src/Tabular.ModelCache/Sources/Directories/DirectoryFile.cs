namespace Tabular.ModelCache.Sources.Directories;

/// <summary>One file of a folder.</summary>
internal sealed class DirectoryFile(string fullPath) : SourceFile
{
    public override async Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await DirectoryStream.OpenAsync(fullPath, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The source file '{fullPath}' cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
