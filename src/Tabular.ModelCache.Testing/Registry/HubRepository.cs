using System.Collections.Concurrent;

namespace Tabular.ModelCache.Testing;

/// <summary>A repository of the Hub: its commits, and where its branches and tags point.</summary>
internal sealed class HubRepository(string id, HubAccess access)
{
    public const string DefaultBranch = "main";

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

    /// <summary>Finds what a branch, a tag or a commit's id names; <c>HEAD</c> is the default branch, as Git has it.</summary>
    public HubCommit? Find(string revision) =>
        _revisions.TryGetValue(revision == "HEAD" ? DefaultBranch : revision, out var named) || _commits.TryGetValue(revision, out named)
            ? named
            : null;
}
