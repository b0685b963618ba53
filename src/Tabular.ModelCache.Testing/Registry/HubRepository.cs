using System.Collections.Concurrent;

namespace Tabular.ModelCache.Testing;

/// <summary>A repository of the Hub: its commits, and where its branches and tags point.</summary>
internal sealed class HubRepository(string id, HubAccess access)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, HubCommit> _commits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HubCommit> _revisions = new(StringComparer.Ordinal);
    private HubCommit? _last;

    public string Id => id;

    public HubAccess Access => access;

    public string Commit(IReadOnlyList<GeneratedFile> files, string revision)
    {
        lock (_gate)
        {
            var commit = _last = new HubCommit(id, _last?.Id, files);
            _commits[commit.Id] = commit;
            _revisions[revision] = commit;
            return commit.Id;
        }
    }

    public bool Move(string revision, string commit)
    {
        if (!_commits.TryGetValue(commit, out var target))
        {
            return false;
        }

        _revisions[revision] = target;
        return true;
    }

    public HubCommit? Find(string revision) =>
        _revisions.TryGetValue(revision, out var named) || _commits.TryGetValue(revision, out named) ? named : null;
}
