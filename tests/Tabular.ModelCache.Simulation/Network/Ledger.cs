namespace Tabular.ModelCache.Simulation.Network;

/// <summary>All that was ever in the bucket: what is there now, and what was there at any time before.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<string, LedgerObject> _live = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(long At, LedgerObject? Object)>> _history = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _folders = new(StringComparer.Ordinal);

    public IEnumerable<string> LiveNames => _live.Keys;

    public LedgerObject? Find(string name) => _live.GetValueOrDefault(name);

    public void Set(string name, LedgerObject? value, long now)
    {
        if (value is null)
        {
            _live.Remove(name);
        }
        else
        {
            _live[name] = value;
        }

        if (!_history.TryGetValue(name, out var states))
        {
            _history[name] = states = [];
            var folder = FolderOf(name);
            if (!_folders.TryGetValue(folder, out var names))
            {
                _folders[folder] = names = [];
            }

            names.Add(name);
        }

        states.Add((now, value));
    }

    public LedgerObject? FindAt(string name, long time)
    {
        if (!_history.TryGetValue(name, out var states))
        {
            return null;
        }

        for (var i = states.Count - 1; i >= 0; i--)
        {
            if (states[i].At <= time)
            {
                return states[i].Object;
            }
        }

        return null;
    }

    /// <summary>All names that ever were in a folder of two parts, such as <c>ollama/version</c>.</summary>
    public IReadOnlyList<string> NamesEverIn(string folder) => _folders.GetValueOrDefault(folder) ?? [];

    /// <summary>Whether anything is in a folder of two parts now.</summary>
    public bool HasAny(string folder) => NamesEverIn(folder).Any(_live.ContainsKey);

    private static string FolderOf(string name)
    {
        var first = name.IndexOf('/', StringComparison.Ordinal);
        var second = first < 0 ? -1 : name.IndexOf('/', first + 1);
        return second < 0 ? "" : name[..second];
    }
}
