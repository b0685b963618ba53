using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Testing;

/// <summary>Notes what the instance under test does.</summary>
internal sealed class FakeRecorder : IExitCodeSink
{
    private readonly Lock _gate = new();
    private readonly List<ModelCacheStatus> _history = [];
    private readonly Dictionary<string, FakeModelActivity> _models = new(StringComparer.Ordinal);
    private IReadOnlyList<ModelStatus> _last = [];
    private int? _exitCode;

    public FakeRecorder(ModelCacheStatusHolder holder)
    {
        _history.Add(holder.Current);
        _last = holder.Current.Models;
        holder.Changed += NoteStatus;
    }

    public int? ExitCode
    {
        get
        {
            lock (_gate)
            {
                return _exitCode;
            }
        }
    }

    public void Set(int exitCode)
    {
        lock (_gate)
        {
            _exitCode = exitCode;
        }
    }

    public void NoteResolved(string model) => Change(model, a => a with { SourceReads = a.SourceReads + 1 });

    public void NotePulled(string model, long bytes) =>
        Change(model, a => a with { FilesPulled = a.FilesPulled + 1, BytesPulled = a.BytesPulled + bytes });

    public FakeModelCacheSnapshot GetSnapshot(IReadOnlyList<StoreOperation> operations, bool clear)
    {
        lock (_gate)
        {
            var snapshot = new FakeModelCacheSnapshot
            {
                History = [.. _history],
                Models = [.. _last.Select(m => _models.GetValueOrDefault(m.Name) ?? new FakeModelActivity(m.Name))],
                StoreOperations = operations,
                ExitCode = _exitCode,
            };
            if (clear)
            {
                // What the instance is in stays known.
                _history.RemoveRange(0, _history.Count - 1);
                _models.Clear();
                _exitCode = null;
            }

            return snapshot;
        }
    }

    private void NoteStatus(ModelCacheStatus status)
    {
        lock (_gate)
        {
            if (_history[^1].State != status.State)
            {
                _history.Add(status);
            }

            foreach (var (before, after) in _last.Zip(status.Models))
            {
                if (before.Outcome is null && after.Outcome is not null)
                {
                    var isHit = after.CacheHit == true;
                    Change(after.Name, a => a with { CacheHits = a.CacheHits + (isHit ? 1 : 0), CacheMisses = a.CacheMisses + (isHit ? 0 : 1) });
                }
                else if (before.Outcome is not null && before.Version != after.Version)
                {
                    Change(after.Name, a => a with { Updates = a.Updates + 1 });
                }
            }

            _last = status.Models;
        }
    }

    private void Change(string model, Func<FakeModelActivity, FakeModelActivity> change)
    {
        lock (_gate)
        {
            _models[model] = change(_models.GetValueOrDefault(model) ?? new FakeModelActivity(model));
        }
    }
}
