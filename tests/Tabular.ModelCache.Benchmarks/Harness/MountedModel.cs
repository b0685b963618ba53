using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>A published model, seen through a FUSE mount of its bucket.</summary>
internal sealed class MountedModel : IAsyncDisposable
{
    private readonly Lab _lab;
    private readonly BucketHello _bucket;
    private readonly string _name;
    private readonly string _source;
    private readonly RcloneMount _mount;

    private MountedModel(Lab lab, BucketHello bucket, string name, string source, RcloneMount mount)
    {
        _lab = lab;
        _bucket = bucket;
        _name = name;
        _source = source;
        _mount = mount;
        LargeFile = Directory.EnumerateFiles(mount.Folder, "sha256-*", SearchOption.AllDirectories).MaxBy(path => new FileInfo(path).Length)
            ?? throw new BenchmarkException($"{mount.Folder} should show the blobs of a model, but shows none.");
    }

    /// <summary>Gets the path of the weights on the mount.</summary>
    public string LargeFile { get; }

    /// <summary>Gets what the mount has computed so far, in seconds of one core.</summary>
    public double CpuSeconds => _mount.CpuSeconds;

    /// <exception cref="BenchmarkException">It could not be published or mounted.</exception>
    public static async Task<MountedModel> CreateAsync(Lab lab, bool isSmall, CancellationToken cancellationToken)
    {
        var registry = (await lab.GetRegistryAsync(cancellationToken)).Hello;
        var bucket = (await lab.GetBucketAsync(cancellationToken)).Hello;
        var (name, source) = (lab.NextName(), isSmall ? registry.SmallSource : registry.Source);
        await ProcessRun.RunAsync(SampleApp.Create(lab, bucket, name, source, lab.CreateFolder("unmounted"), "sync"), cancellationToken);
        var mount = await RcloneMount.StartAsync(lab, name, cancellationToken);
        try
        {
            return new MountedModel(lab, bucket, name, source, mount);
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs <c>model-cache verify</c> on the mount, as a whole process.</summary>
    public async Task<Measurement> VerifyAsync(string level, CancellationToken cancellationToken)
    {
        var (measurement, _) = await _lab.MeasureAsync(
            SampleApp.Create(_lab, _bucket, _name, _source, _mount.Folder, "verify", "--level", level, "--json"), cancellationToken);
        return measurement;
    }

    public ValueTask DisposeAsync() => _mount.DisposeAsync();
}
