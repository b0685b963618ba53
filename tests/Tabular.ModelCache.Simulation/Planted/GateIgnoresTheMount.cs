using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>The gate opens on what the store has, although the mount may still show the past.</summary>
internal sealed class GateIgnoresTheMount : PlantedBug
{
    public override IModelMount WrapMount(IModelMount mount, Simulation run, SimulatedProcess process) => new Mount(mount, run, process);

    private sealed class Mount(IModelMount inner, Simulation run, SimulatedProcess process) : IModelMount
    {
        public string Root => inner.Root;

        public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

        public Task ProbeAsync(CancellationToken cancellationToken) => inner.ProbeAsync(cancellationToken);

        public async Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken)
        {
            // The mount is asked, and its answer is not believed.
            await inner.ReadAsync(path, limit, cancellationToken).ConfigureAwait(false);
            return (await new Network.SimulatedObjectStore(run, process).ReadAllAsync(path, limit, cancellationToken).ConfigureAwait(false))?.Bytes;
        }

        public async Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken)
        {
            var files = new Dictionary<string, long>(StringComparer.Ordinal);
            await foreach (var item in new Network.SimulatedObjectStore(run, process).ListAsync(folder + "/", cancellationToken).ConfigureAwait(false))
            {
                files[item.Name[(folder.Length + 1)..]] = item.Size;
            }

            return files.Count == 0 ? null : files;
        }

        public Stream OpenRead(string path) => inner.OpenRead(path);
    }
}
