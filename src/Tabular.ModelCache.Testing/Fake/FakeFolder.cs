namespace Tabular.ModelCache.Testing;

/// <summary>The temporary folder that stands for the mount; it is gone when the services of the app are disposed of.</summary>
internal sealed class FakeFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("model-cache-fake-").FullName;

    /// <exception cref="IOException">A file is open in it, where the system minds; the message names it.</exception>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The test has deleted it.
        }
    }
}
