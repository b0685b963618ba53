using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Operations;

/// <summary>Brings models up to their sources, one after the other; one that fails does not keep the others from it.</summary>
internal sealed class SyncRunner(Lazy<ModelPuller> puller, ModelCacheClock clock)
{
    public async Task<SyncReport> RunAsync(IReadOnlyList<WantedModel> models, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        var results = new List<SyncResult>();
        foreach (var model in models)
        {
            results.Add(await RunAsync(model, patience, cancellationToken).ConfigureAwait(false));
        }

        return new SyncReport { Models = results, Seconds = clock.Time.GetElapsedTime(began).TotalSeconds };
    }

    private async Task<SyncResult> RunAsync(WantedModel model, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        try
        {
            var result = await puller.Value.SyncAsync(model, patience, cancellationToken).ConfigureAwait(false);
            return new SyncResult
            {
                Name = model.Name,
                Action = ActionOf(result.Action),
                Version = result.Version.Version,
                BytesPulled = result.BytesPulled,
                BytesCopied = result.BytesCopied,
                Seconds = clock.Time.GetElapsedTime(began).TotalSeconds,
                Error = result.Untidy is { } problem
                    ? $"{result.Version.Version} is served, but what is no longer needed could not be removed; the next run tries again: {problem}"
                    : null,
                ExitCode = result.Untidy is null ? ModelCacheExitCodes.Success : ModelCacheExitCodes.Failed,
            };
        }
        catch (Exception e) when (e is ModelCacheException or ObjectStoreException)
        {
            var exitCode = (e as ModelCacheException)?.ExitCode ?? ModelCacheExitCodes.Failed;
            return new SyncResult
            {
                Name = model.Name,
                Action = exitCode == ModelCacheExitCodes.LeaseBusy ? SyncAction.Busy : SyncAction.Failed,
                Seconds = clock.Time.GetElapsedTime(began).TotalSeconds,
                Error = e.Message,
                ExitCode = exitCode,
            };
        }
    }

    private static SyncAction ActionOf(PublishAction action) => action switch
    {
        PublishAction.Unchanged => SyncAction.Unchanged,
        PublishAction.Published => SyncAction.Published,
        PublishAction.Adopted => SyncAction.Adopted,
        PublishAction.Activated => SyncAction.Activated,
        PublishAction.Healed => SyncAction.Healed,
        _ => SyncAction.Held,
    };
}
