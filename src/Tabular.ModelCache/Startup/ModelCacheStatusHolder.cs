using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;

namespace Tabular.ModelCache.Startup;

/// <summary>The state of this instance: written by the start, read by health, metrics, logs and <see cref="IModelCache"/>.</summary>
internal sealed class ModelCacheStatusHolder
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Dictionary<string, CachedModel> _ready = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, bool> _updates = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(string Model, string Version)> _served = [];
    private readonly Dictionary<string, ServingDoubts> _doubts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long> _stepStarted = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();
    private ModelCacheStatus _current;
    private ModelCacheState _instance = ModelCacheState.Starting;
    private string? _instanceReason;
    private IReadOnlyList<ModelStatus> _models;
    private volatile string? _unhealthy;
    private volatile bool _stopped;

    public ModelCacheStatusHolder(IOptions<ModelCacheOptions> options, ModelCacheClock clock, ILogger<ModelCacheService> logger)
    {
        _clock = clock.Time;
        _logger = logger;
        _models = [.. WantedModel.From(options.Value).Select(m => new ModelStatus { Name = m.Name, Kind = m.Kind })];
        _current = new ModelCacheStatus { State = ModelCacheState.Starting, Since = _clock.GetUtcNow(), Models = _models };
    }

    /// <summary>Is called for each change, in order; it must be quick, and must not change the status.</summary>
    public event Action<ModelCacheStatus>? Changed;

    /// <summary>The present status. Reads memory only.</summary>
    public ModelCacheStatus Current => Volatile.Read(ref _current);

    /// <summary>Why health is red although the gate had opened: a dead mount, or a host that is stopping.</summary>
    public string? Unhealthy
    {
        get => _unhealthy;
        set => _unhealthy = value;
    }

    /// <summary>Whether nothing more will come: the host has stopped.</summary>
    public bool IsStopped => _stopped;

    public IReadOnlyDictionary<string, bool> UpdatesAvailable
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, bool>(_updates, StringComparer.OrdinalIgnoreCase);
            }
        }
    }

    /// <summary>The versions that this instance has served, and whether it serves them now; as many as there were switches.</summary>
    public IReadOnlyList<(string Model, string Version, bool IsServed)> Served
    {
        get
        {
            lock (_gate)
            {
                return [.. _served.Select(s => (s.Model, s.Version, Current.IsReady && _ready[s.Model].Version == s.Version))];
            }
        }
    }

    /// <summary>A task that ends at the next change after <paramref name="seen"/>; ended already when there was one.</summary>
    public Task WaitForChangeAsync(ModelCacheStatus seen)
    {
        lock (_gate)
        {
            return ReferenceEquals(seen, _current) && !_stopped ? _changed.Task : Task.CompletedTask;
        }
    }

    public CachedModel? FindModel(string name)
    {
        lock (_gate)
        {
            return _ready.GetValueOrDefault(name);
        }
    }

    public bool IsConfigured(string name) => _models.Any(m => string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The instance as a whole enters a step that is not one model's.</summary>
    public void Enter(ModelCacheState state, string? reason = null) =>
        Change(() =>
        {
            _instance = state;
            _instanceReason = reason;
        });

    /// <summary>One model enters a step.</summary>
    public void EnterModel(string model, ModelCacheState state, string? reason, string? version = null) =>
        Change(() =>
        {
            _stepStarted[model] = _clock.GetTimestamp();
            Replace(model, m => m with { State = state, Reason = reason, Version = version ?? m.Version, Progress = null });
        });

    public void ReportProgress(string model, long bytes, long total) =>
        Change(() =>
        {
            var elapsed = _stepStarted.TryGetValue(model, out var started) ? _clock.GetElapsedTime(started).TotalSeconds : 0;
            Replace(model, m => m with { Progress = new ModelCacheProgress(bytes, total, elapsed > 0.05 ? bytes / elapsed : 0) });
        });

    /// <summary>One model pulled bytes: decided for good, whatever becomes of it.</summary>
    public void MarkPulled(string model) => Change(() => Replace(model, m => m with { CacheHit = false }));

    /// <summary>Whether this instance has read anything from the model's source since it started.</summary>
    public bool HasPulled(string model) => Current.Models.Any(m => m.Name == model && m.CacheHit == false);

    /// <summary>One model is verified and served from now on, at the end of its start or instead of another version.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reason">Why it is not what is wanted; of a fallback.</param>
    public void ModelReady(CachedModel model, string? reason) =>
        Change(() =>
        {
            _ready[model.Name] = model;
            _served.Add((model.Name, model.Version));
            _updates[model.Name] = false;
            Replace(model.Name, m => m with
            {
                Version = model.Version,
                Outcome = model.Outcome,
                CacheHit = model.CacheHit,
                Progress = null,
            });
            Doubt(model.Name, new ServingDoubts(reason));
        });

    /// <summary>A ready model turns Degraded, or back to Ready, by what the manifest says now of the version that is served.</summary>
    /// <returns>Whether that version is still the one that is served; otherwise nothing is changed.</returns>
    public bool TryMarkModel(CachedModel served, string? goneBecause, bool updateAvailable)
    {
        var isServed = false;
        Change(() =>
        {
            isServed = ReferenceEquals(_ready.GetValueOrDefault(served.Name), served);
            if (isServed)
            {
                _updates[served.Name] = updateAvailable;
                Doubt(served.Name, _doubts[served.Name] with { Gone = goneBecause });
            }
        });
        return isServed;
    }

    /// <summary>A ready model turns Degraded because the version that is wanted now cannot be served, or is no longer so.</summary>
    public void MarkRefused(CachedModel served, string? reason) =>
        Change(() =>
        {
            if (ReferenceEquals(_ready.GetValueOrDefault(served.Name), served))
            {
                Doubt(served.Name, _doubts[served.Name] with { Refused = reason });
            }
        });

    /// <summary>The start is over: the instance has the state of its models.</summary>
    public void Open() =>
        Change(() =>
        {
            _instance = ModelCacheState.Ready;
            _instanceReason = null;
        });

    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            _changed.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Replace(string model, Func<ModelStatus, ModelStatus> change) =>
        _models = [.. _models.Select(m => m.Name == model ? change(m) : m)];

    private void Doubt(string model, ServingDoubts doubts)
    {
        _doubts[model] = doubts;
        Replace(model, m => m with
        {
            State = doubts.Reason is null ? ModelCacheState.Ready : ModelCacheState.Degraded,
            Reason = doubts.Reason,
        });
    }

    private void Change(Action change)
    {
        ModelCacheStatus previous;
        ModelCacheStatus next;
        lock (_gate)
        {
            previous = _current;
            change();
            var (state, reason) = Summarize();
            next = new ModelCacheStatus
            {
                State = state,
                Since = state == previous.State ? previous.Since : _clock.GetUtcNow(),
                Models = _models,
                Reason = reason,
            };
            Volatile.Write(ref _current, next);
            Changed?.Invoke(next);
            _changed.TrySetResult();
            _changed = NewSignal();
        }

        if (next.State != previous.State)
        {
            StartupLog.StateChanged(_logger, previous.State, next.State, next.Reason ?? (next.State == ModelCacheState.Ready ? "All models are verified." : ""));
        }
    }

    /// <summary>The instance is as far as the model that is furthest behind; its own steps come before and after those of the models.</summary>
    private (ModelCacheState State, string? Reason) Summarize()
    {
        if (_instance is ModelCacheState.Failed or ModelCacheState.Starting or ModelCacheState.CheckingMount or ModelCacheState.ReadingManifest)
        {
            return (_instance, _instanceReason);
        }

        var behind = _models
            .Where(m => m.State is not (ModelCacheState.Ready or ModelCacheState.Degraded))
            .OrderBy(m => m.State)
            .FirstOrDefault();
        if (behind is not null)
        {
            return (behind.State < ModelCacheState.ReadingManifest ? ModelCacheState.ReadingManifest : behind.State, behind.Reason);
        }

        if (_instance != ModelCacheState.Ready)
        {
            return (ModelCacheState.Verifying, null);
        }

        var degraded = _models.FirstOrDefault(m => m.State == ModelCacheState.Degraded);
        return degraded is null ? (ModelCacheState.Ready, null) : (ModelCacheState.Degraded, degraded.Reason);
    }
}
