using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Simulation.Actors;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Sources;

namespace Tabular.ModelCache.Simulation;

/// <summary>What happens in one seed: trouble for some minutes, then peace, in which everything must come right by itself.</summary>
internal sealed class Scenario
{
    private const int Instances = 10;
    private const long MostEvents = 400_000;

    // A start may take 225 s, an instance may have to wait out a lease and a mount, and then start once more.
    private static readonly TimeSpan MostTimeToRecover = TimeSpan.FromMinutes(20);

    private readonly Simulation _run;
    private readonly Random _random;
    private readonly List<InstanceSlot> _slots = [];
    private readonly List<Func<bool>> _jobs = [];
    private readonly TimeSpan _trouble;

    public Scenario(Simulation run)
    {
        _run = run;
        _random = run.Random;
        _trouble = TimeSpan.FromSeconds(_random.Next(60, 240));
    }

    public void Run()
    {
        StartInstances();
        PlanTrouble();
        RunUntil(() => _run.Time.Now >= _trouble.Ticks, TimeSpan.MaxValue, "");
        _run.Plan.IsOn = false;
        _run.Bucket.LimitsRate = false;
        RunUntil(
            () => _slots.All(s => s.IsReady) && _jobs.All(ended => ended()) && _run.Time.EffectsUnderWay == 0,
            MostTimeToRecover,
            "not all instances are ready, or a job has not ended");
        if (_random.Next(4) == 0)
        {
            Wait(TimeSpan.FromMinutes(15));
        }

        RunLastSyncs();

        // Two looks of the slowest clock.
        Wait(TimeSpan.FromMinutes(3));
        RunUntil(() => _slots.All(s => _run.Rules.HasFollowed(s.Process!)), MostTimeToRecover, "not all instances have followed");
        if (_run.Rules.Violation is not null)
        {
            return;
        }

        _slots.ForEach(s => _run.Rules.OnRest(s.Process!));
    }

    private void Wait(TimeSpan duration)
    {
        var end = _run.Time.Now + duration.Ticks;
        RunUntil(() => _run.Time.Now >= end, TimeSpan.MaxValue, "");
    }

    private void StartInstances()
    {
        var together = _random.Next(2) == 0;
        for (var i = 0; i < Instances; i++)
        {
            var slot = new InstanceSlot(_run, i, CreateOptions(mayPin: true));
            _slots.Add(slot);
            slot.StartAfter(together ? TimeSpan.FromMilliseconds(_random.Next(100)) : _trouble * (_random.NextDouble() / 2));
        }
    }

    private ModelCacheOptions CreateOptions(bool mayPin)
    {
        var options = new ModelCacheOptions
        {
            Verification = _random.Next(2) == 0 ? VerificationLevel.Marker : VerificationLevel.Metadata,
            FallbackToPreviousVersion = _random.Next(4) == 0,
            FollowUpdates = _run.FollowRandom.Next(2) == 0,

            // Short, but long enough to wait out a dead holder, a pull and a mount, by the fastest clock.
            StartupDeadline = _random.Next(3) == 0 ? TimeSpan.FromSeconds(120) + (_run.Plan.Ttl * 3) : TimeSpan.FromSeconds(225),
        };
        options.Mount.ProbeInterval = TimeSpan.FromSeconds(30);
        options.Retention.Keep = _run.Retention.Keep;
        options.Retention.GracePeriod = _run.Retention.GracePeriod;
        foreach (var model in _run.Rules.Models.Values)
        {
            options.Models.Add(new ModelOptions
            {
                Name = model.Name,
                Kind = model.Kind,
                Source = $"{SimulatedSource.Scheme}://{model.Name}",
                Digest = mayPin && _random.Next(12) == 0 ? _run.Upstream.Current(model.Name).Digest : null,
            });
        }

        return options;
    }

    private void PlanTrouble()
    {
        var models = _run.Rules.Models.Keys.ToList();
        Plan(_random.Next(5), "upstream changes", () => _run.Upstream.Change(models[_random.Next(models.Count)]));
        Plan(_random.Next(6), "sync", () => StartSync(_random.Next(3) == 0 ? 2 : 1));
        Plan(Math.Max(0, _random.Next(5) - 2), "operator", () =>
        {
            var command = new OperatorCommand(_run, CreateOptions(mayPin: false), models[_random.Next(models.Count)]);
            _jobs.Add(() => command.HasEnded);
            command.Start();
        });

        // Who is told to stop while it pulls leaves the rest to another, which then pulls again: not in a calm seed.
        var stops = Math.Max(0, _random.Next(6) - 2);
        Plan(_run.Plan.IsCalm ? 0 : stops, "stop", () => _slots[_random.Next(Instances)].Stop());
        Plan(_run.Plan.Crashes, "crash", () =>
        {
            if (Choose() is { } process)
            {
                _run.Crash(process);
            }
        });
        Plan(_run.Plan.LeaseOutages, "lease out of reach", () =>
        {
            if (Choose() is { } process)
            {
                process.LeaseCutUntil = _run.Time.Now + _run.Plan.DrawPause(_random).Ticks;
            }
        });
        Plan(_run.Plan.WallClocksAreWrong ? _random.Next(5) : 0, "wall clock set", () => Choose()?.SetWallClock(_run.Plan.DrawWallClockOffset(_random)));
        Plan(_run.Plan.Pauses, "pause", () =>
        {
            if (Choose() is { } process)
            {
                _run.Count("pause");
                _run.Trace.Note(_run.Time.Now, process.Id, "  PAUSE");
                process.Pause(_run.Plan.DrawPause(_random), _run.Plan.Suspends);
            }
        });
    }

    /// <summary>A victim: most of the time the one that holds a lease, because there it hurts.</summary>
    private SimulatedProcess? Choose()
    {
        var holders = _run.Rules.Models.Values.Select(m => m.Holder?.Process).OfType<SimulatedProcess>().Where(p => !p.IsDead).ToList();
        return holders.Count > 0 && _random.Next(3) > 0 ? holders[_random.Next(holders.Count)] : _slots[_random.Next(Instances)].Process;
    }

    private void Plan(int count, string what, Action action)
    {
        for (var i = 0; i < count; i++)
        {
            _run.Time.After(_trouble * _random.NextDouble(), null, what, action);
        }
    }

    private void StartSync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var job = new SyncJob(_run, CreateOptions(mayPin: false), TimeSpan.FromSeconds(_random.Next(10, 200)));
            _jobs.Add(() => job.HasEnded);
            job.Start("sync");
        }
    }

    private void RunLastSyncs()
    {
        var first = RunSync("last sync");
        if (_run.Rules.Violation is not null)
        {
            return;
        }

        foreach (var (model, result) in first.Results)
        {
            var world = _run.Rules.Models[model];
            if (result.Action != PublishAction.Held && world.Entry!.ActiveVersion!.Source.Digest != _run.Upstream.Current(model).Digest)
            {
                _run.Rules.Fail("I5", $"after a sync in peace {model} is at {world.Entry.ActiveVersion.Source.Digest}, its source at {_run.Upstream.Current(model).Digest}");
            }
        }

        _run.Rules.OnRest();
        var sequence = _run.Ledger.Find("manifest.json")!.Metadata.Generation;
        var second = RunSync("another sync");
        if (_run.Retention.GracePeriod != TimeSpan.FromMinutes(10) && _run.Rules.Violation is null &&
            (second.Results.Values.Any(r => r.Action is not (PublishAction.Unchanged or PublishAction.Held)) ||
                _run.Ledger.Find("manifest.json")!.Metadata.Generation != sequence))
        {
            _run.Rules.Fail("I5", "a second sync changes the manifest again although the upstream has not changed");
        }

        _run.Rules.OnRest();
    }

    private SyncJob RunSync(string name)
    {
        var job = new SyncJob(_run, CreateOptions(mayPin: false), TimeSpan.FromMinutes(5));
        job.Start(name);
        RunUntil(() => job.HasEnded && _run.Time.EffectsUnderWay == 0, TimeSpan.FromMinutes(10), $"the {name} does not end");
        foreach (var (model, error) in job.Errors)
        {
            _run.Rules.Fail("I5", $"the {name} of {model} fails although all is well: {error.Message}");
        }

        return job;
    }

    private void RunUntil(Func<bool> isReached, TimeSpan limit, string failure)
    {
        var end = limit == TimeSpan.MaxValue ? long.MaxValue : _run.Time.Now + limit.Ticks;
        while (_run.Rules.Violation is null && _run.Thread.Escape is null && !isReached())
        {
            if (_run.Time.Now > end || _run.Time.Executed > MostEvents || !_run.Time.Step())
            {
                _run.Rules.Fail("I5", $"{failure}: {DescribeState()}");
                return;
            }

            if (_run.Time.LastOwner is { Status: not null } process)
            {
                _run.Rules.OnStatus(process);
            }
        }
    }

    private string DescribeState() =>
        string.Join("; ", _slots.Where(s => !s.IsReady).Select(s => $"{s.Process?.Name} is {s.Process?.Status?.Current.State}: {s.Process?.Status?.Current.Reason}"));
}
