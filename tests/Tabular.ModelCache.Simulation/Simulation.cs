using Tabular.ModelCache.Simulation.Actors;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Faults;
using Tabular.ModelCache.Simulation.Invariants;
using Tabular.ModelCache.Simulation.Network;
using Tabular.ModelCache.Simulation.Planted;
using Tabular.ModelCache.Simulation.Sources;

namespace Tabular.ModelCache.Simulation;

/// <summary>The world of one seed: ten instances, sync jobs and operators over one bucket, with faults for a while and then without.</summary>
internal sealed class Simulation
{
    private readonly Dictionary<(string Digest, string Path, int Offset), int> _pulls = [];
    private readonly Dictionary<string, int> _coverage = new(StringComparer.Ordinal);
    private int _processes;

    public Simulation(int seed, PlantedBug? bug, TextWriter? trace)
    {
        Bug = bug;
        Trace = new Trace(trace);
        Random = new Random(unchecked((seed * 7919) + 1));
        FaultRandom = NewRandom();
        FollowRandom = new Random(seed);
        Time = new VirtualTime(NewRandom(), Trace);
        Plan = new FaultPlan(NewRandom());
        Ledger = new Ledger();
        Telemetry = new SimulatedTelemetry(new StoreClock(Time));
        Logs = new ProcessLogs(Time, Trace);
        Retention = new RetentionOptions
        {
            Keep = Random.Next(1, 4),
            GracePeriod = Random.Next(3) switch { 0 => TimeSpan.Zero, 1 => TimeSpan.FromMinutes(10), _ => TimeSpan.FromDays(7) },
        };
        PullMilliseconds = Random.Next(4) switch { 0 => 50, 1 => 500, 2 => 4000, _ => (int)Plan.Ttl.TotalMilliseconds / 2 };
        var models = new List<ModelWorld> { new("llama", ModelKinds.Ollama) };
        if (Random.Next(3) > 0)
        {
            models.Add(new("bge", ModelKinds.Sbert));
        }

        Rules = new Rules(this, models);
        Upstream = new Upstream(NewRandom(), models.Select(m => m.Name));
        Bucket = new Bucket(Time, Ledger, Rules.OnMutation) { LimitsRate = Plan.LimitsObjectRate };
    }

    public SimulationThread Thread { get; } = new();

    public Trace Trace { get; }

    public VirtualTime Time { get; }

    public FaultPlan Plan { get; }

    /// <summary>Gets the chance that decides about what happens to the world.</summary>
    public Random Random { get; }

    /// <summary>Gets the chance that decides about requests.</summary>
    public Random FaultRandom { get; }

    /// <summary>Gets the chance that decides which instances follow updates.</summary>
    public Random FollowRandom { get; }

    public Ledger Ledger { get; }

    public Bucket Bucket { get; }

    public Rules Rules { get; }

    public Upstream Upstream { get; }

    public RetentionOptions Retention { get; }

    public PlantedBug? Bug { get; }

    public SimulatedTelemetry Telemetry { get; }

    public ProcessLogs Logs { get; }

    /// <summary>Gets how long a chunk of a pull takes at the most.</summary>
    public int PullMilliseconds { get; }

    /// <summary>Runs one seed on a thread of its own.</summary>
    public static SimulationResult Run(int seed, PlantedBug? bug = null, TextWriter? trace = null) => SimulationThread.Run(() =>
    {
        var run = new Simulation(seed, bug, trace);
        using (run.Telemetry)
        {
            try
            {
                new Scenario(run).Run();
            }
#pragma warning disable CA1031 // Told as what it is: the simulation itself is wrong.
            catch (Exception e)
#pragma warning restore CA1031
            {
                run.Rules.Fail(Violation.Defect, e.ToString());
            }

            if (run.Thread.Escape is { } escape)
            {
                run.Rules.Fail("determinism", escape);
            }
        }

        return new SimulationResult(seed, run.Rules.Violation, run.Time.Executed, run.Trace.Digest, run._coverage);
    });

    public Random NewRandom() => new(Random.Next());

    public void Count(string what) => _coverage[what] = _coverage.GetValueOrDefault(what) + 1;

    public SimulatedProcess CreateProcess(string name, IReadOnlyDictionary<string, string> pins, bool isOperator)
    {
        var id = ++_processes;
        return new SimulatedProcess(
            id, $"{name} (p{id})", Plan.DrawClockRate(Random), Random.Next(2) == 0, Plan.DrawWallClockOffset(Random), Time)
        {
            IsOperator = isOperator,
            PinnedDigests = pins,
        };
    }

    public IReadOnlyDictionary<string, string> PinsOf(ModelCacheOptions options) =>
        options.Models.Where(m => m.Digest is not null).ToDictionary(m => m.Name!, m => m.Digest!, StringComparer.Ordinal);

    public void Crash(SimulatedProcess process)
    {
        if (!process.IsDead)
        {
            Count("crash");
            Trace.Note(Time.Now, process.Id, "  CRASH");
            process.Kill();
            process.Crashed?.Invoke();
        }
    }

    public void OnInstanceFailed(SimulatedProcess process, Exception error)
    {
        Count("failed start");
        if (Trace.IsVerbose)
        {
            Trace.Say(Time.Now, process.Id, "  FAILED " + error.Message);
        }

        Rules.OnFailure(process, error);
        if (Plan.IsCalm && IsRetentionMild)
        {
            Rules.Fail("I5", $"{process.Name} failed although nothing was wrong: {error.Message}");
        }
    }

    public void NotePull(SimulatedProcess process, Revision revision, RevisionFile file, int offset)
    {
        var count = _pulls[(revision.Digest, file.Path, offset)] = _pulls.GetValueOrDefault((revision.Digest, file.Path, offset)) + 1;
        if (Plan.IsCalm && IsRetentionMild && count > 1)
        {
            Rules.Fail("I4", $"{process.Name} pulls {file.Path} of {revision.Digest} again although nothing was wrong");
        }
    }

    /// <summary>Waits on behalf of a process, which may crash or be stopped meanwhile.</summary>
    public Task WaitAsync(SimulatedProcess process, string what, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        var done = new TaskCompletionSource();
        var registration = cancellationToken.UnsafeRegister(_ => done.TrySetCanceled(cancellationToken), null);
        Time.After(
            delay,
            process,
            what,
            () =>
            {
                registration.Dispose();
                done.TrySetResult();
            });
        return done.Task;
    }

    private bool IsRetentionMild => Retention is { Keep: >= 3 } && Retention.GracePeriod > TimeSpan.Zero && !Rules.Models.Values.Any(m => m.EverDoomed.Count > 0);
}
