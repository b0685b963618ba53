using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Network;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>What an older attempt has staged is used where it lies, and not moved first.</summary>
internal sealed class ResumeInForeignStaging : PlantedBug
{
    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store);

    private sealed class Store(IObjectStore inner) : DelegatingStore(inner)
    {
        private readonly Dictionary<string, string> _places = [];

        public override Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
            Inner.GetAsync(_places.GetValueOrDefault(name, name), preconditions, cancellationToken);

        public override async Task<StoredObject> MoveAsync(
            string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default)
        {
            if (ObjectPlace.Of(destination).Kind == PlaceKind.Staging &&
                await Inner.GetAsync(source, cancellationToken: cancellationToken).ConfigureAwait(false) is { } there)
            {
                _places[destination] = source;
                return there;
            }

            return await Inner.MoveAsync(_places.GetValueOrDefault(source, source), destination, options, cancellationToken).ConfigureAwait(false);
        }
    }
}
