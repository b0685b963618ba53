using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>The gate: it opens on the right bytes only, a hit has touched nothing, and <c>cache_hit</c> tells who has pulled.</summary>
internal sealed class ReadyRules(Simulation run, Rules rules)
{
    public void OnStatus(SimulatedProcess process)
    {
        var status = process.Status!.Current;
        if (ReferenceEquals(status, process.SeenStatus))
        {
            return;
        }

        process.SeenStatus = status;
        if (process.IsReady)
        {
            OnUpdate(process, status);
            return;
        }

        if (!status.IsReady)
        {
            return;
        }

        process.IsReady = true;
        run.Trace.Note(run.Time.Now, process.Id, $"  ready {string.Join(' ', status.Models.Select(m => $"{m.Version}:{m.Outcome}"))}");
        foreach (var model in status.Models)
        {
            run.Count($"start {model.Outcome}");
            process.Served[model.Name] = model.Version;
            CheckModel(process, model);
        }
    }

    /// <summary>Whether an instance that follows updates serves what is wanted, where there is such a version.</summary>
    public bool HasFollowed(SimulatedProcess process) =>
        !process.Follows || process.Status!.Current.Models.All(m => WantedOf(process, m.Name) is not { } wanted || wanted == m.Version);

    /// <summary>A gate that has opened stays open, and what is served changes only where updates are followed, to bytes that are right as well.</summary>
    private void OnUpdate(SimulatedProcess process, ModelCacheStatus status)
    {
        if (!status.IsReady)
        {
            rules.Fail("I8", $"{process.Name} was ready and is {status.State} now: {status.Reason}");
        }

        foreach (var model in status.Models.Where(m => m.Version != process.Served[m.Name]))
        {
            run.Count("follow");
            run.Trace.Note(run.Time.Now, process.Id, $"  follows {model.Version}:{model.Outcome}");
            process.Served[model.Name] = model.Version;
            if (!process.Follows)
            {
                rules.Fail("I1", $"{process.Name} goes on to {model.Version} although it does not follow updates");
            }

            CheckModel(process, model);
        }
    }

    private string? WantedOf(SimulatedProcess process, string model)
    {
        var entry = rules.Models[model].Entry!;
        return process.PinnedDigests.TryGetValue(model, out var digest)
            ? entry.Versions.FirstOrDefault(v => v.Source.Digest == digest)?.Version
            : entry.Active;
    }

    /// <summary>An instance is Degraded when what it serves is not in the manifest any more, and only then, or when it fell back.</summary>
    public void OnRest(SimulatedProcess process)
    {
        foreach (var model in process.Status!.Current.Models)
        {
            var isGone = rules.Models[model.Name].Entry!.Find(model.Version) is null;
            var expected = isGone || model.Outcome == CacheOutcome.Fallback ? ModelCacheState.Degraded : ModelCacheState.Ready;
            if (model.State != expected)
            {
                rules.Fail("I8", $"{process.Name} is {model.State} with {model.Version}, which is {(isGone ? "no longer" : "still")} in the manifest");
            }
        }
    }

    private void CheckModel(SimulatedProcess process, ModelStatus model)
    {
        var world = rules.Models[model.Name];
        var done = process.Of(model.Name);
        if (model.CacheHit == false != done.SourceBytes > 0)
        {
            rules.Fail("I7", $"{process.Name} says cache_hit={model.CacheHit} for {model.Name}, and has pulled {done.SourceBytes} bytes");
        }

        if (model.Outcome == CacheOutcome.Hit && (done.Mutations > 0 || done.SourceRequests > 0))
        {
            rules.Fail("I7", $"{process.Name} had a hit of {model.Name} with {done.Mutations} changes and {done.SourceRequests} requests to the source");
        }

        if (model.Version is null || !world.Published.TryGetValue(model.Version, out var version))
        {
            rules.Fail("I1", $"{process.Name} serves {model.Version}, which never was in the manifest");
            return;
        }

        if (model.Outcome == CacheOutcome.Fallback)
        {
            // Any kept version will do.
        }
        else if (process.PinnedDigests.TryGetValue(model.Name, out var wanted))
        {
            if (wanted != version.Source.Digest)
            {
                rules.Fail("I1", $"{process.Name} serves {version.Source.Digest}, wanted is {wanted}");
            }
        }
        else if (!world.WasActiveSince(model.Version, process.StartedAt))
        {
            rules.Fail("I1", $"{process.Name} serves {model.Version}, which was not active at any time since its start");
        }

        CheckBytes(process, world, model.Version, version.Path, version.Source.Digest);
    }

    private void CheckBytes(SimulatedProcess process, ModelWorld world, string version, string folder, string digest)
    {
        if (!process.Mount!.DoneSeenAt.TryGetValue(folder, out var seenAt))
        {
            rules.Fail("I1", $"{process.Name} serves {version} and has not looked at it through its mount");
            return;
        }

        var revision = run.Upstream.Find(world.Name, digest)!;
        foreach (var path in revision.AllPaths)
        {
            var shown = run.Ledger.FindAt($"{folder}/{path}", seenAt);
            if (shown is null ? !world.EverDoomed.Contains(version) : !shown.Content.AsSpan().SequenceEqual(revision.Expected(path)))
            {
                rules.Fail("I1", $"{process.Name} serves {version}, whose {path} {(shown is null ? "was not on its mount" : "had other bytes")}");
            }
        }
    }
}
