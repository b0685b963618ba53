using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What the rows share: a folder, and the servers, each a process of its own that is started when a row first needs it.</summary>
internal sealed class Lab(BenchmarkOptions options) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("model-cache-benchmarks-");
    private ServerProcess<RegistryHello>? _registry;
    private ServerProcess<BucketHello>? _bucket;
    private readonly Dictionary<bool, MountedModel> _mounted = [];
    private int _number;

    public BenchmarkOptions Options => options;

    /// <summary>Gets the path of something in the folder.</summary>
    public string Path(string name) => System.IO.Path.Join(_folder.FullName, name);

    /// <summary>Makes an empty folder.</summary>
    public string CreateFolder(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <summary>Makes a name that nothing had before, good for a model and for a bucket.</summary>
    public string NextName() => $"bench-{++_number}";

    public async Task<ServerProcess<RegistryHello>> GetRegistryAsync(CancellationToken cancellationToken) =>
        _registry ??= await ServerProcess<RegistryHello>.StartAsync([RegistryServing.Command, "--bytes", $"{options.Bytes}"], cancellationToken);

    public async Task<ServerProcess<BucketHello>> GetBucketAsync(CancellationToken cancellationToken) =>
        _bucket ??= await ServerProcess<BucketHello>.StartAsync(
            options.Directory is { } directory ? [BucketServing.Command, "--directory", directory] : [BucketServing.Command], cancellationToken);

    /// <summary>Runs one side and adds what the servers computed meanwhile.</summary>
    public async Task<(Measurement Measurement, string Output)> MeasureAsync(Command command, CancellationToken cancellationToken)
    {
        var before = ServerCpuSeconds();
        var run = await ProcessRun.RunAsync(command, cancellationToken);
        return (new Measurement(run.Seconds, run.CpuSeconds, ServerCpuSeconds() - before, run.PeakBytes), run.Output);
    }

    /// <summary>Gets a published model, seen through a FUSE mount of its bucket; the first call publishes and mounts it.</summary>
    /// <param name="isSmall">Whether it is the one of a hundredth of the bytes.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public async Task<MountedModel> GetMountedModelAsync(bool isSmall, CancellationToken cancellationToken) =>
        _mounted.TryGetValue(isSmall, out var mounted) ? mounted : _mounted[isSmall] = await MountedModel.CreateAsync(this, isSmall, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var mounted in _mounted.Values)
        {
            await mounted.DisposeAsync();
        }

        await (_registry?.DisposeAsync() ?? default);
        await (_bucket?.DisposeAsync() ?? default);
        _folder.Delete(recursive: true);
    }

    private double ServerCpuSeconds() => (_registry?.CpuSeconds ?? 0) + (_bucket?.CpuSeconds ?? 0) + _mounted.Values.Sum(mounted => mounted.CpuSeconds);
}
