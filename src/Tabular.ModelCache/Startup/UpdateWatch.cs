using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Startup;

/// <summary>Compares what is served with what a manifest says, and hands what is wanted now to the followers.</summary>
internal sealed class UpdateWatch(
    IOptions<ModelCacheOptions> options,
    ModelCacheStatusHolder holder,
    UpdateSwitch updates,
    ILogger<ModelCacheService> logger)
{
    private readonly IReadOnlyList<WantedModel> _models = WantedModel.From(options.Value);

    private readonly Dictionary<string, ModelFollower> _followers = !options.Value.FollowUpdates
        ? []
        : WantedModel.From(options.Value).ToDictionary(m => m.Name, m => new ModelFollower(m, updates), StringComparer.Ordinal);

    /// <summary>Whether what is served was known not to be what is wanted when the gate opened, so that no flip need come before a look.</summary>
    public bool IsBehind => holder.Current.Outcome == CacheOutcome.Fallback;

    /// <summary>Follows updates, where that is wanted, until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_followers.Values.Select(f => f.RunAsync(cancellationToken)));

    /// <summary>Marks the models that are served by what the manifest says; returns without waiting for what follows from it.</summary>
    public void Compare(ManifestSnapshot snapshot)
    {
        foreach (var model in _models)
        {
            var entry = snapshot.Entry(model.Name);
            var wanted = Freshness.Of(model, entry).Version;
            while (holder.FindModel(model.Name) is { } served && !TryMark(served, entry, wanted?.Version))
            {
                // A follower has switched meanwhile.
            }

            _followers.GetValueOrDefault(model.Name)?.Observe(wanted);
        }
    }

    private string Advice(string model, string? wanted) => wanted is not null && _followers.ContainsKey(model)
        ? $"it goes on to {wanted} when that is verified"
        : "restart the instance";

    private bool TryMark(CachedModel served, ManifestEntry? entry, string? wanted)
    {
        var gone = entry?.Find(served.Version) is null
            ? $"the version {served.Version} of the model '{served.Name}', which this instance serves, is no longer in the manifest; {Advice(served.Name, wanted)}"
            : null;
        var hasUpdate = wanted is not null && wanted != served.Version;
        var isNews = hasUpdate && !holder.UpdatesAvailable.GetValueOrDefault(served.Name);
        if (!holder.TryMarkModel(served, gone, hasUpdate))
        {
            return false;
        }

        if (isNews)
        {
            StartupLog.UpdateAvailable(logger, served.Name, wanted!, served.Version);
        }

        return true;
    }
}
