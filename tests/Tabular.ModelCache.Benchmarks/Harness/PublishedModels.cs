using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Published models, and a FUSE mount of their bucket.</summary>
internal sealed class PublishedModels(Lab lab, ModelSet set, string bucket, ProcessRun sync, RcloneMount mount) : IAsyncDisposable
{
    private PublishedModels? _cached;

    public ModelSet Set => set;

    public string Bucket => bucket;

    /// <summary>Gets the run that published them.</summary>
    public ProcessRun Sync => sync;

    /// <summary>Gets the path of the mount.</summary>
    public string Folder => mount.Folder;

    /// <summary>Gets what the mounts have computed so far, in seconds of one core.</summary>
    public double CpuSeconds => mount.CpuSeconds + (_cached?.CpuSeconds ?? 0);

    /// <summary>Gets the paths of the files that a pull downloaded, by name.</summary>
    /// <exception cref="BenchmarkException">They are not all on the mount.</exception>
    public IReadOnlyDictionary<string, string> FindFiles()
    {
        var found = Directory.EnumerateFiles(mount.Folder, "*", SearchOption.AllDirectories).ToArray();
        return set.Files.ToDictionary(file => file.Name, file => Array.Find(found, path => IsFile(path, file.Name))
            ?? throw new BenchmarkException($"{mount.Folder} should show the file {file.Name}, but does not."));
    }

    /// <summary>Makes the sample app with the mount.</summary>
    public Task<SampleApp> CreateAppAsync(CancellationToken cancellationToken) => SampleApp.CreateAsync(lab, bucket, set, mount.Folder, cancellationToken);

    /// <summary>Gets the same behind a mount that keeps every byte it has read on the disk.</summary>
    public async Task<PublishedModels> GetCachedAsync(CancellationToken cancellationToken) =>
        _cached ??= new PublishedModels(
            lab, set, bucket, sync, await RcloneMount.StartAsync(lab, bucket, lab.CreateFolder($"cache-{bucket}"), cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await (_cached?.DisposeAsync() ?? default);
        await mount.DisposeAsync();
    }

    /// <summary>A name has hyphens where the path of the file has slashes.</summary>
    private static bool IsFile(string path, string name) => path.Replace('/', '-').EndsWith("-" + name, StringComparison.Ordinal);
}
