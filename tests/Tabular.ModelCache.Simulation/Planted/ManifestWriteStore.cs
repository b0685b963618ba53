using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>Passes everything on; a planted bug changes how the manifest is written.</summary>
internal abstract class ManifestWriteStore(IObjectStore inner, SimulatedProcess process) : DelegatingStore(inner)
{
    public sealed override async Task<StoredObject> WriteAsync(
        string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (name != VersionFiles.Manifest)
        {
            return await Inner.WriteAsync(name, content, options, cancellationToken).ConfigureAwait(false);
        }

        var manifest = ManifestJson.Parse(await ReadAsync(content, cancellationToken).ConfigureAwait(false), name);
        return await WriteManifestAsync(manifest, options!, cancellationToken).ConfigureAwait(false);
    }

    protected virtual Task<StoredObject> WriteManifestAsync(Manifest manifest, ObjectWriteOptions options, CancellationToken cancellationToken) =>
        SendAsync(manifest, options.Preconditions, cancellationToken);

    protected Task<StoredObject> SendAsync(Manifest manifest, ObjectPreconditions preconditions, CancellationToken cancellationToken) =>
        Inner.WriteBytesAsync(
            VersionFiles.Manifest, ManifestJson.Serialize(manifest), new ObjectWriteOptions { Preconditions = preconditions }, cancellationToken);

    /// <summary>The model whose entry this process is about to write.</summary>
    protected string ModelOf(Manifest manifest) =>
        manifest.Models.First(m => Attempt.TryParse(m.Value.Attempt) is { } a && process.Of(m.Key).Attempt?.Attempt == a).Key;

    protected async Task DeleteFolderAsync(string path, CancellationToken cancellationToken)
    {
        var found = new List<StoredObject>();
        await foreach (var item in Inner.ListAsync(path + "/", cancellationToken).ConfigureAwait(false))
        {
            found.Add(item);
        }

        foreach (var item in found)
        {
            await Inner.DeleteAsync(item.Name, new ObjectDeleteOptions { Generation = item.Generation }, cancellationToken).ConfigureAwait(false);
        }
    }
}
