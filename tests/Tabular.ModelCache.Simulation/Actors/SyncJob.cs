using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Actors;

/// <summary>The sync job: the same program, which brings every model up to its source and ends.</summary>
internal sealed class SyncJob(Simulation run, ModelCacheOptions options, TimeSpan patience)
{
    /// <summary>Gets what became of each model.</summary>
    public Dictionary<string, PublishResult> Results { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Exception> Errors { get; } = new(StringComparer.Ordinal);

    public bool HasEnded { get; private set; }

    public void Start(string name)
    {
        var process = run.CreateProcess(name, run.PinsOf(options), isOperator: false);
        process.Crashed = () => HasEnded = true;
        var parts = new ProcessParts(run, process, options, run.NewRandom());
        run.Time.After(TimeSpan.Zero, process, "run", () => _ = RunAsync(process, parts));
    }

    private async Task RunAsync(SimulatedProcess process, ProcessParts parts)
    {
        foreach (var model in WantedModel.From(options))
        {
            try
            {
                Results[model.Name] = await parts.Puller.SyncAsync(model, patience, CancellationToken.None).ConfigureAwait(false);
                run.Count($"sync {Results[model.Name].Action}");
                run.Trace.Note(run.Time.Now, process.Id, $"  synced {model.Name}: {Results[model.Name].Action}");
            }
#pragma warning disable CA1031 // Every error is looked at; one model does not keep the others from it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Errors[model.Name] = e;
                run.Trace.Note(run.Time.Now, process.Id, $"  sync failed: {(e is ModelCacheException or ObjectStoreException ? "" : e.GetType().Name)}");
                run.Rules.OnFailure(process, e);
            }
        }

        process.Kill();
        HasEnded = true;
    }
}
