using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What the jobs share: a folder, and the servers, each a process of its own that is started when a job first needs it.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("model-cache-benchmarks-");
    private readonly ReadyToRunPrograms _compiled = new(isComposite: false);
    private readonly ReadyToRunPrograms _composite = new(isComposite: true);
    private ServerProcess<RegistryHello>? _registry;
    private ServerProcess<BucketHello>? _bucket;
    private int _number;

    public Lab(BenchmarkOptions options)
    {
        Options = options;
        Models = new ModelSets(this);
    }

    public BenchmarkOptions Options { get; }

    /// <summary>Gets the models that the jobs are about.</summary>
    public ModelSets Models { get; }

    /// <summary>Why there are no programs of a kind; the first call compiles them.</summary>
    public async Task<string?> FindMissingAsync(Compilation compilation, CancellationToken cancellationToken) => compilation switch
    {
        Compilation.JustInTime => null,
        _ when Options.IsSmoke => "a build that takes minutes, for which a smoke run has no time",
        Compilation.ReadyToRun => await _compiled.PublishAsync(cancellationToken),
        _ => await _composite.PublishAsync(cancellationToken),
    };

    /// <summary>Gets the programs of a kind; those of the build where they are missing.</summary>
    public async Task<Programs> GetProgramsAsync(Compilation compilation, CancellationToken cancellationToken) =>
        compilation == Compilation.JustInTime || await FindMissingAsync(compilation, cancellationToken) is not null ? BuildOutput.Programs
            : compilation == Compilation.ReadyToRun ? _compiled.Programs
            : _composite.Programs;

    /// <summary>Gets the path of something in the folder.</summary>
    public string Path(string name) => System.IO.Path.Join(_folder.FullName, name);

    /// <summary>Makes a folder if there is none.</summary>
    public string CreateFolder(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <summary>Makes a name that nothing had before, good for a bucket and for a folder.</summary>
    public string NextName() => $"bench-{++_number}";

    public async Task<ServerProcess<RegistryHello>> GetRegistryAsync(CancellationToken cancellationToken) =>
        _registry ??= await ServerProcess<RegistryHello>.StartAsync([RegistryServing.Command], cancellationToken);

    public async Task<ServerProcess<BucketHello>> GetBucketAsync(CancellationToken cancellationToken) =>
        _bucket ??= await ServerProcess<BucketHello>.StartAsync(
            Options.Directory is { } directory ? [BucketServing.Command, "--directory", directory] : [BucketServing.Command], cancellationToken);

    /// <summary>Gets what the buckets were asked for since the last call.</summary>
    public async Task<Traffic> TakeTrafficAsync(CancellationToken cancellationToken) =>
        await (await GetBucketAsync(cancellationToken)).AskAsync<Traffic>(BucketServing.Traffic, cancellationToken);

    /// <summary>Empties a bucket.</summary>
    /// <returns>What was in it.</returns>
    public async Task<BucketContent> EmptyAsync(string bucket, CancellationToken cancellationToken) =>
        await (await GetBucketAsync(cancellationToken)).AskAsync<BucketContent>($"{BucketServing.Empty} {bucket}", cancellationToken);

    /// <summary>Runs a program and adds what the servers computed and the buckets were asked for meanwhile.</summary>
    public async Task<(Measurement Measurement, string Output)> MeasureAsync(Command command, CancellationToken cancellationToken)
    {
        await TakeTrafficAsync(cancellationToken);
        var before = ServerCpuSeconds();
        var run = await ProcessRun.RunAsync(command, cancellationToken);
        return (await FinishAsync(new Measurement(run.Seconds, run.CpuSeconds, 0, run.PeakBytes), before, cancellationToken), run.Output);
    }

    /// <summary>Runs something that is more than one program and adds the same.</summary>
    public async Task<Measurement> MeasureAsync(Func<CancellationToken, Task<Measurement>> run, CancellationToken cancellationToken)
    {
        await TakeTrafficAsync(cancellationToken);
        var before = ServerCpuSeconds();
        return await FinishAsync(await run(cancellationToken), before, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Models.DisposeAsync();
        await (_registry?.DisposeAsync() ?? default);
        await (_bucket?.DisposeAsync() ?? default);
        _folder.Delete(recursive: true);
    }

    private async Task<Measurement> FinishAsync(Measurement measurement, double cpuBefore, CancellationToken cancellationToken) =>
        measurement with { ServerCpuSeconds = ServerCpuSeconds() - cpuBefore, Bucket = await TakeTrafficAsync(cancellationToken) };

    private double ServerCpuSeconds() => (_registry?.CpuSeconds ?? 0) + (_bucket?.CpuSeconds ?? 0) + Models.CpuSeconds;
}
