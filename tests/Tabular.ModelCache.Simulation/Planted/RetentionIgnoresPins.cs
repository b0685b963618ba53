using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>The publisher does not look at which versions an operator has pinned.</summary>
internal sealed class RetentionIgnoresPins : PlantedBug
{
    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store, process);

    private sealed class Store(IObjectStore inner, SimulatedProcess process) : ManifestWriteStore(inner, process)
    {
        private readonly bool _isOperator = process.IsOperator;
        private readonly Dictionary<string, IReadOnlyList<string>> _pins = [];

        public override async Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
        {
            var content = await Inner.OpenReadAsync(name, options, cancellationToken).ConfigureAwait(false);
            if (name != VersionFiles.Manifest || content is null || _isOperator)
            {
                return content;
            }

            var manifest = ManifestJson.Parse(await ReadAsync(content.Stream, cancellationToken).ConfigureAwait(false), name);
            foreach (var (model, entry) in manifest.Models)
            {
                _pins[model] = entry.Pins;
            }

            var blind = ManifestJson.Serialize(Map(manifest, (_, entry) => entry with { Pins = [] }));
            return new ObjectContent(content.Metadata with { Size = blind.Length }, new MemoryStream(blind));
        }

        protected override Task<StoredObject> WriteManifestAsync(Manifest manifest, ObjectWriteOptions options, CancellationToken cancellationToken) =>
            SendAsync(
                _isOperator ? manifest : Map(manifest, (model, entry) => entry with
                {
                    Pins = [.. (_pins.GetValueOrDefault(model) ?? []).Where(p => entry.Find(p) is not null)],
                }),
                options.Preconditions,
                cancellationToken);

        private static Manifest Map(Manifest manifest, Func<string, ManifestEntry, ManifestEntry> change) =>
            manifest with { Models = manifest.Models.ToDictionary(m => m.Key, m => change(m.Key, m.Value), StringComparer.Ordinal) };
    }
}
