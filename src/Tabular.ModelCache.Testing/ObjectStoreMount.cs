using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>A mount that shows a store as it is, without a file system.</summary>
internal sealed class ObjectStoreMount(IObjectStore store, string root = "/models") : IModelMount
{
    public string Root { get; } = root;

    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) =>
        (await store.ReadAllAsync(path, limit, cancellationToken).ConfigureAwait(false))?.Bytes;

    public async Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var prefix = folder + "/";
        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var item in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            files[item.Name[prefix.Length..]] = item.Size;
        }

        return files.Count == 0 ? null : files;
    }

    public Stream OpenRead(string path)
    {
        // Called on a thread of its own, which may block.
        var found = store.ReadAllAsync(path, int.MaxValue, CancellationToken.None).GetAwaiter().GetResult();
        return found is null ? throw new FileNotFoundException($"The store has no '{path}'.", path) : new MemoryStream(found.Bytes, writable: false);
    }
}
