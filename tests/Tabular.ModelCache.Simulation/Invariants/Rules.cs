using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Network;
using Tabular.ModelCache.Simulation.Sources;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>All invariants, each looked at whenever something happens that could break it.</summary>
internal sealed class Rules
{
    private readonly Simulation _run;
    private readonly LeaseRules _lease;
    private readonly FlipRules _flip;
    private readonly VersionRules _version;
    private readonly StagingRules _staging;
    private readonly ReadyRules _ready;

    public Rules(Simulation run, IEnumerable<ModelWorld> models)
    {
        _run = run;
        Models = models.ToDictionary(m => m.Name, StringComparer.Ordinal);
        _lease = new LeaseRules(this);
        _flip = new FlipRules(run, this);
        _version = new VersionRules(run, this);
        _staging = new StagingRules(run, this);
        _ready = new ReadyRules(run, this);
    }

    public IReadOnlyDictionary<string, ModelWorld> Models { get; }

    public Simulation Run => _run;

    /// <summary>Gets the first violation.</summary>
    public Violation? Violation { get; private set; }

    public void Fail(string rule, string text)
    {
        if (Violation is null)
        {
            Violation = new Violation(rule, text);
            _run.Trace.Note(_run.Time.Now, 0, $"VIOLATION {Violation}");
        }
    }

    /// <summary>The lease promises one holder at a time, of processes that were never stopped, while the rates of clocks agree.</summary>
    public bool IsHeldToLease(SimulatedProcess process) => _run.Plan.KeepsMargin && !process.WasPaused;

    public void OnMutation(Mutation mutation)
    {
        switch (mutation.Place.Kind)
        {
            case PlaceKind.Lease:
                _lease.OnMutation(mutation, Models[mutation.Place.Model]);
                break;
            case PlaceKind.Manifest:
                _flip.OnMutation(mutation);
                break;
            case PlaceKind.Version:
                _version.OnMutation(mutation, Models[mutation.Place.Model]);
                break;
            case PlaceKind.Staging:
                _staging.OnMutation(mutation, Models[mutation.Place.Model]);
                break;
            default:
                Fail("layout", $"{mutation.Process.Name} changed '{mutation.Name}', which is no place of the layout");
                break;
        }
    }

    /// <summary>A process is about to send a change.</summary>
    public void OnSend(SimulatedProcess process, string name, string? destination)
    {
        var place = ObjectPlace.Of(destination ?? name);
        if (process.IsReady)
        {
            Fail("I7", $"{process.Name} changes '{name}' after its gate has opened");
        }

        if (place.Model.Length > 0)
        {
            process.Of(place.Model).Mutations++;
        }

        if (place.Kind is PlaceKind.Version or PlaceKind.Staging && IsHeldToLease(process) && Models[place.Model].Holder?.Process != process)
        {
            Fail("I4", $"{process.Name} changes '{destination ?? name}', but {Models[place.Model].Holder?.Process.Name ?? "nobody"} holds the lease");
        }
    }

    public void OnSourceOpened(SimulatedProcess process, Revision revision, RevisionFile file, int offset)
    {
        var world = Models[revision.Model];
        var attempt = process.Of(revision.Model).Attempt;
        if (attempt is null)
        {
            Fail("I4", $"{process.Name} pulls {revision.Digest} without ever having had the lease");
        }
        else if (attempt.EntryAtAcquisition?.Versions.FirstOrDefault(v => v.Source.Digest == revision.Digest) is { } there &&
            world.Entry?.Find(there.Version) is not null)
        {
            Fail("I4", $"{process.Name} pulls {revision.Digest}, which was in the manifest as {there.Version} when it got the lease");
        }

        _run.NotePull(process, revision, file, offset);
        OnSourceRead(process, revision);
    }

    public void OnSourceRead(SimulatedProcess process, Revision revision)
    {
        var holder = Models[revision.Model].Holder;
        if (IsHeldToLease(process) && holder?.Process != process)
        {
            Fail("I4", $"{process.Name} pulls {revision.Digest}, but {holder?.Process.Name ?? "nobody"} holds the lease");
        }

        if (process.IsReady)
        {
            Fail("I7", $"{process.Name} pulls after its gate has opened");
        }
    }

    /// <summary>Looks at a process after an event.</summary>
    public void OnStatus(SimulatedProcess process) => _ready.OnStatus(process);

    /// <summary>A process has ended with an error.</summary>
    public void OnFailure(SimulatedProcess process, Exception error)
    {
        if (error is not (ModelCacheException or Stores.ObjectStoreException))
        {
            Fail("I8", $"{process.Name} ended with {error}");
            return;
        }

        if (error.Message.Contains("lost", StringComparison.Ordinal))
        {
            Run.Count("lost");
        }

        if (error.Message.Contains('\n', StringComparison.Ordinal))
        {
            Fail("I8", $"{process.Name} ended with a message of several lines: {error.Message}");
        }

        // Whoever says that it has lost the race must have lost it: its work is thrown away otherwise.
        foreach (var (model, ledger) in process.Models)
        {
            if (error.Message.Contains("has lost", StringComparison.Ordinal) && error.Message.Contains($"'{model}'", StringComparison.Ordinal) &&
                ledger.Attempt is { OthersHaveFlipped: false })
            {
                Fail("I5", $"{process.Name} says that it has lost, but nobody else has changed the entry: {error.Message}");
            }
        }
    }

    /// <summary>Everything has come to rest, and an instance has had the time to see it.</summary>
    public bool HasFollowed(SimulatedProcess process) => _ready.HasFollowed(process);

    public void OnRest(SimulatedProcess process) => _ready.OnRest(process);

    /// <summary>Everything has come to rest and a sync has run: nothing may be left over.</summary>
    public void OnRest() => _version.OnRest();
}
