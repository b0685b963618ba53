using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>Under the lease the manifest is not read again: what was read before it is believed.</summary>
internal sealed class NoReadUnderTheLease : PlantedBug
{
    public override IObjectStore WrapMain(IObjectStore store, Simulation run, SimulatedProcess process) => new Reader(store);

    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store((Reader)store, process);

    private sealed class Reader(IObjectStore inner) : DelegatingStore(inner)
    {
        public SmallObject? Last { get; private set; }

        public override async Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
        {
            var content = await Inner.OpenReadAsync(name, options, cancellationToken).ConfigureAwait(false);
            if (name != VersionFiles.Manifest)
            {
                return content;
            }

            Last = content is null ? null : new SmallObject(content.Metadata, await ReadAsync(content.Stream, cancellationToken).ConfigureAwait(false));
            return content is null ? null : Replay();
        }

        public ObjectContent? Replay() => Last is null ? null : new ObjectContent(Last.Metadata, new MemoryStream(Last.Bytes));
    }

    private sealed class Store(Reader reader, SimulatedProcess process) : DelegatingStore(reader)
    {
        private readonly HashSet<string> _seen = [];

        public override Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
        {
            var isFirst = false;
            foreach (var attempt in process.Models.Values.Select(m => m.Attempt).OfType<Invariants.AttemptRecord>())
            {
                isFirst |= name == VersionFiles.Manifest && _seen.Add(attempt.Attempt.ToString());
            }

            return isFirst ? Task.FromResult(reader.Replay()) : Inner.OpenReadAsync(name, options, cancellationToken);
        }
    }
}
