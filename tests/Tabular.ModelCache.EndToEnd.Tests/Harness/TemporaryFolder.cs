namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>A folder that goes with the test. On a disk: models are large, and <c>/tmp</c> may be memory.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        var disk = "/var/tmp";
        var parent = Environment.GetEnvironmentVariable("TABULAR_TESTS_FOLDER") ?? (Directory.Exists(disk) ? disk : System.IO.Path.GetTempPath());
        Path = System.IO.Path.Join(parent, $"tabular-end-to-end-{Guid.NewGuid():n}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string Join(params string[] parts) => System.IO.Path.Join([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
