using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>A folder below the system's folder for temporary files, gone when disposed.</summary>
internal sealed class ScratchFolder : IAsyncDisposable
{
    private readonly ILogger _logger;

    private ScratchFolder(string path, ILogger logger)
    {
        Path = path;
        _logger = logger;
    }

    public string Path { get; }

    /// <exception cref="ModelCacheException">It cannot be made.</exception>
    public static ScratchFolder Create(ILogger logger)
    {
        try
        {
            return new ScratchFolder(Directory.CreateTempSubdirectory("tabular-model-cache-").FullName, logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException(
                $"No scratch folder can be made below '{System.IO.Path.GetTempPath()}': {e.Message.TrimEnd('.')}; make it writable, or set TMPDIR to another.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.Run(() => Directory.Delete(Path, recursive: true)).ConfigureAwait(false);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else cleaned up.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The last is what .NET 10 throws for paths of more than 4096 bytes; it must not take the place of why the pull failed.
            SourceLog.ScratchLeft(_logger, Path, e.Message);
        }
    }
}
