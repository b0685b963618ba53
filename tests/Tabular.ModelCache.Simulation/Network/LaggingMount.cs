using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>One process's mount: it shows the bucket as it was some time ago, and never goes back in time.</summary>
internal sealed class LaggingMount(Simulation run, SimulatedProcess process, Random random) : IModelMount
{
    private long _view;

    public string Root => "/models";

    /// <summary>Gets, by folder, the time whose state was shown when <c>.done</c> was read last.</summary>
    public Dictionary<string, long> DoneSeenAt { get; } = new(StringComparer.Ordinal);

    public Task CheckAsync(CancellationToken cancellationToken) => LookAsync("check", () => true, cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) => LookAsync("probe", () => true, cancellationToken);

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) =>
        LookAsync(
            path,
            () =>
            {
                if (path.EndsWith("/" + VersionFiles.Done, StringComparison.Ordinal))
                {
                    DoneSeenAt[path[..^(VersionFiles.Done.Length + 1)]] = _view;
                }

                return run.Ledger.FindAt(path, _view)?.Content;
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken) =>
        LookAsync<IReadOnlyDictionary<string, long>?>(
            folder,
            () =>
            {
                var files = new Dictionary<string, long>(StringComparer.Ordinal);
                foreach (var name in run.Ledger.NamesEverIn(folder))
                {
                    if (run.Ledger.FindAt(name, _view) is { } found)
                    {
                        files[name[(folder.Length + 1)..]] = found.Metadata.Size;
                    }
                }

                return files.Count == 0 ? null : files;
            },
            cancellationToken);

    public Stream OpenRead(string path) => throw new NotSupportedException("The level Content uses threads and is not simulated.");

    private async Task<T> LookAsync<T>(string what, Func<T> look, CancellationToken cancellationToken)
    {
        run.Thread.Assert();
        await run.WaitAsync(process, "mount " + what, TimeSpan.FromMilliseconds(1 + random.Next(30)), cancellationToken).ConfigureAwait(false);
        _view = Math.Max(_view, run.Time.Now - (long)(run.Plan.MountLag.Ticks * random.NextDouble()));
        return look();
    }
}
