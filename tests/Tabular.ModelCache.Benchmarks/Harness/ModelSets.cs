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
            published = await PublishAsync(lab.NextName(), await GetServedAsync(share, cancellationToken), cancellationToken);
            _published.Add(share, published);
        }

        return published;
    }

    /// <summary>Publishes the models, and then the embedder with its weights several times, which the bucket copies, so that large models take neither time nor memory.</summary>
    /// <param name="share">The size as a part of that which is measured.</param>
    /// <param name="shards">How many times.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The models with the large embedder; whoever asks for them gives them back.</returns>
    public async Task<PublishedModels> PublishShardsAsync(double share, int shards, CancellationToken cancellationToken)
    {
        var (bucket, set) = (lab.NextName(), await GetServedAsync(share, cancellationToken));
        await SyncAsync(bucket, set, cancellationToken);
        return await PublishAsync(
            bucket,
            await (await lab.GetRegistryAsync(cancellationToken)).AskAsync<ModelSet>($"{RegistryServing.Shard} {shards} {set.Embedder}", cancellationToken),
            cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var published in _published.Values)
        {
            await published.DisposeAsync();
        }
    }

    private async Task<PublishedModels> PublishAsync(string bucket, ModelSet set, CancellationToken cancellationToken) =>
        new(
            lab, set, bucket, await SyncAsync(bucket, set, cancellationToken),
            await RcloneMount.StartAsync(lab, bucket, cacheFolder: null, cancellationToken));

    private async Task<ProcessRun> SyncAsync(string bucket, ModelSet set, CancellationToken cancellationToken)
    {
        var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
        return await ProcessRun.RunAsync(app.Command("model-cache", "sync"), cancellationToken);
    }
}
