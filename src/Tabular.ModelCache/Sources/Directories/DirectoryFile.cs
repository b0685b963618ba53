namespace Tabular.ModelCache.Sources.Directories;

/// <summary>One file of a folder.</summary>
internal sealed class DirectoryFile(string fullPath) : SourceFile
{
    public static FileStream Open(string fullPath) =>
        new(
            fullPath,
            new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read,
                Options = FileOptions.SequentialScan | FileOptions.Asynchronous,
                BufferSize = 0,
            });

    public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.FromResult<Stream>(Open(fullPath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The source file '{fullPath}' cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
