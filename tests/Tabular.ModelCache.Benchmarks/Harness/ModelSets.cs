using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>The models at several sizes, each published into a bucket of its own when a job first needs it.</summary>
internal sealed class ModelSets(Lab lab) : IAsyncDisposable
{
    private readonly Dictionary<double, ModelSet> _served = [];
    private readonly Dictionary<double, PublishedModels> _published = [];

    /// <summary>Gets what the mounts have computed so far, in seconds of one core.</summary>
    public double CpuSeconds => _published.Values.Sum(published => published.CpuSeconds);

    /// <summary>Gets the models as the registry serves them.</summary>
    /// <param name="share">The size as a part of that which is measured.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public async Task<ModelSet> GetServedAsync(double share, CancellationToken cancellationToken)
    {
        if (!_served.TryGetValue(share, out var set))
        {
            set = await CreateServedAsync(share, cancellationToken);
            _served.Add(share, set);
        }

        return set;
    }

    /// <summary>Makes the registry serve models with a content that no other has.</summary>
    /// <param name="share">The size as a part of that which is measured.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public async Task<ModelSet> CreateServedAsync(double share, CancellationToken cancellationToken) =>
        await (await lab.GetRegistryAsync(cancellationToken)).AskAsync<ModelSet>(
            FormattableString.Invariant($"{share * lab.Options.Scale}"), cancellationToken);

    /// <summary>Gets the models as a bucket has them, and a FUSE mount of it; the first call publishes and mounts them.</summary>
    /// <param name="share">The size as a part of that which is measured.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public async Task<PublishedModels> GetPublishedAsync(double share, CancellationToken cancellationToken)
    {
        if (!_published.TryGetValue(share, out var published))
        {
            var (bucket, set) = (lab.NextName(), await GetServedAsync(share, cancellationToken));
            var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
            var sync = await ProcessRun.RunAsync(app.Command("model-cache", "sync"), cancellationToken);
            published = new PublishedModels(lab, set, bucket, sync, await RcloneMount.StartAsync(lab, bucket, cacheFolder: null, cancellationToken));
            _published.Add(share, published);
        }

        return published;
    }

    /// <summary>Gives the memory of published models back.</summary>
    /// <param name="share">The size as a part of that which is measured.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public async Task RemovePublishedAsync(double share, CancellationToken cancellationToken)
    {
        if (_published.Remove(share, out var published))
        {
            await published.DisposeAsync();
            await lab.EmptyAsync(published.Bucket, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var published in _published.Values)
        {
            await published.DisposeAsync();
        }
    }
}
