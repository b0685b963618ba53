using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Actors;

/// <summary>An operator makes a kept version active by hand, and with it holds back the digest that was active; or pins a version.</summary>
internal sealed class OperatorCommand(Simulation run, ModelCacheOptions options, string model)
{
    private const int MostTries = 100;

    public bool HasEnded { get; private set; }

    public void Start()
    {
        var process = run.CreateProcess("operator", run.PinsOf(options), isOperator: true);
        process.Crashed = () => HasEnded = true;
        var parts = new ProcessParts(run, process, options, run.NewRandom());
        run.Time.After(TimeSpan.Zero, process, "run", () => _ = RunAsync(process, parts));
    }

    private async Task RunAsync(SimulatedProcess process, ProcessParts parts)
    {
        try
        {
            await RunAsync(parts).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Every error is looked at.
        catch (Exception e)
#pragma warning restore CA1031
        {
            run.Rules.OnFailure(process, e);
        }

        process.Kill();
        HasEnded = true;
    }

    private async Task RunAsync(ProcessParts parts)
    {
        var time = new SimulatedTimeProvider(run.Time.LastOwner!, run.Time, run.Thread);
        var candidate = parts.Leases.CreateCandidate(model);
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var floor = Attempt.TryParse((await parts.Manifests.ReadAsync(default).ConfigureAwait(false)).Entry(model)?.Attempt)?.Epoch ?? 0;
            if (await candidate.TryAcquireAsync(floor, default).ConfigureAwait(false) is not { } lease)
            {
                await Task.Delay(candidate.NextTry, time).ConfigureAwait(false);
                continue;
            }

            await using var owner = lease.ConfigureAwait(false);
            var snapshot = await parts.Manifests.ReadAsync(default).ConfigureAwait(false);
            if (snapshot.Entry(model) is { } entry && Choose(entry, lease.Attempt.ToString()) is { } change)
            {
                try
                {
                    await parts.Flipper.FlipAsync(model, snapshot, change, lease, lease.Lost).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    lease.ThrowIfLost();
                }
            }

            return;
        }
    }

    private Func<DateTimeOffset, ManifestEntry>? Choose(ManifestEntry entry, string attempt)
    {
        var random = run.Random;
        var chosen = entry.Versions[random.Next(entry.Versions.Count)];
        if (random.Next(3) == 0)
        {
            return entry.Pins.Contains(chosen.Version)
                ? _ => EntryChanges.Unpin(entry, chosen, attempt)
                : _ => EntryChanges.Pin(entry with { Pins = [] }, chosen, attempt);
        }

        return chosen.Version == entry.Active ? null : now => EntryChanges.RollBack(entry, chosen, null, attempt, now);
    }
}
