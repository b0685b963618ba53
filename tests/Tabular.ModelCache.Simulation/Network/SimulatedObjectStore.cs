using System.Runtime.CompilerServices;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>One process's way to the bucket: each request is sent, takes effect, and is answered, at three different times.</summary>
internal sealed class SimulatedObjectStore(Simulation run, SimulatedProcess process, bool isLease = false) : IObjectStore
{
    public string DisplayName => "gs://simulated";

    public Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
        SendAsync(StoreOperationKind.Get, name, null, () => run.Bucket.Get(name, preconditions), cancellationToken);

    public async Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Create(StoreOperationKind.OpenRead, name, null, () => run.Bucket.Read(name, options), cancellationToken);
        var content = await request.Task.ConfigureAwait(false);
        return content is not null && request.Fault == Faults.RequestFault.Truncated
            ? new ObjectContent(content.Metadata, new BrokenStream(name))
            : content;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // As in the real thing, pages are not of one moment: what changes between two of them may or may not be seen.
        IReadOnlyList<StoredObject> page;
        var last = "";
        do
        {
            var after = last;
            page = await SendAsync(
                StoreOperationKind.List, prefix, null, () => run.Bucket.List(prefix, after, run.Plan.PageSize), cancellationToken).ConfigureAwait(false);
            foreach (var item in page)
            {
                yield return item;
                last = item.Name;
            }
        }
        while (page.Count == run.Plan.PageSize);
    }

    public async Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        // The last chunk of an upload is withheld until the content has been read to its end: only then can it take effect.
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        var bytes = buffer.ToArray();
        return await SendAsync(
            StoreOperationKind.Write, name, null, () => run.Bucket.Write(process, name, bytes, options), cancellationToken).ConfigureAwait(false);
    }

    public Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default) =>
        SendAsync(StoreOperationKind.PatchMetadata, name, null, () => run.Bucket.Patch(process, name, metadata, preconditions), cancellationToken);

    public Task<StoredObject> MoveAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(StoreOperationKind.Move, source, destination, () => run.Bucket.Move(process, source, destination, options), cancellationToken);

    public Task<StoredObject> CopyAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(StoreOperationKind.Copy, source, destination, () => run.Bucket.Copy(process, source, destination, options), cancellationToken);

    public Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources, string destination, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            StoreOperationKind.Compose, sources[0].Name, destination, () => run.Bucket.Compose(process, sources, destination, options), cancellationToken);

    public Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(StoreOperationKind.Delete, name, null, () => run.Bucket.Delete(process, name, options), cancellationToken);

    private Task<T> SendAsync<T>(StoreOperationKind kind, string name, string? destination, Func<T> effect, CancellationToken cancellationToken) =>
        Create(kind, name, destination, effect, cancellationToken).Task;

    private SimulatedRequest<T> Create<T>(
        StoreOperationKind kind, string name, string? destination, Func<T> effect, CancellationToken cancellationToken)
    {
        run.Thread.Assert();
        var request = new SimulatedRequest<T>(run, process, kind, name, destination, effect, isLease, cancellationToken);
        request.Send();
        return request;
    }
}
