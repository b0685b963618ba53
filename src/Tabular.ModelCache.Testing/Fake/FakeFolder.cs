namespace Tabular.ModelCache.Testing;

/// <summary>The temporary folder that stands for the mount; it is gone when the host has stopped, or its services are disposed of.</summary>
internal sealed class FakeFolder : IDisposable
{
    private readonly Lock _gate = new();

    public string Path { get; } = Directory.CreateTempSubdirectory("model-cache-fake-").FullName;

    /// <exception cref="IOException">A file is open in it, where the system minds; the message names it.</exception>
    public void Delete()
    {
        // A WebApplicationFactory and the Main of its app stop and dispose of one host at the same time.
        lock (_gate)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // It was deleted before, or by the test.
            }
        }
    }

    public void Dispose() => Delete();
}
