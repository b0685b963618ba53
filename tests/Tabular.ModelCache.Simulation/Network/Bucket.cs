using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>The one bucket: the in-memory store, a ledger of all that was in it, and the checks that see every change.</summary>
internal sealed class Bucket(VirtualTime time, Ledger ledger, Action<Mutation> changed)
{
    private readonly InMemoryObjectStore _store = new(new StoreClock(time));
    private readonly Dictionary<string, long> _changedAt = new(StringComparer.Ordinal);

    /// <summary>Gets or sets whether an object may be changed only once a second, as in Cloud Storage.</summary>
    public bool LimitsRate { get; set; }

    public StoredObject? Get(string name, ObjectPreconditions preconditions) => Now(_store.GetAsync(name, preconditions));

    public ObjectContent? Read(string name, ObjectReadOptions? options) => Now(_store.OpenReadAsync(name, options));

    /// <summary>One page of a list.</summary>
    /// <param name="prefix">What the names begin with.</param>
    /// <param name="after">The last name of the page before.</param>
    /// <param name="count">How many names a page has at the most.</param>
    public IReadOnlyList<StoredObject> List(string prefix, string after, int count) =>
        [.. _store.ListAsync(prefix).ToBlockingEnumerable().Where(o => string.CompareOrdinal(o.Name, after) > 0).Take(count)];

    public StoredObject Write(SimulatedProcess process, string name, byte[] content, ObjectWriteOptions? options)
    {
        Limit(name);
        using var stream = new MemoryStream(content, writable: false);
        var written = Now(_store.WriteAsync(name, stream, options));
        Note(process, MutationKind.Write, name, null, new LedgerObject(written, content, process));
        return written;
    }

    public StoredObject Patch(
        SimulatedProcess process, string name, IReadOnlyDictionary<string, string?> metadata, ObjectPreconditions preconditions)
    {
        Limit(name);
        var patched = Now(_store.PatchMetadataAsync(name, metadata, preconditions));
        var before = ledger.Find(name)!;
        Note(process, MutationKind.Patch, name, null, before with { Metadata = patched });
        return patched;
    }

    public StoredObject Move(SimulatedProcess process, string source, string destination, ObjectTransferOptions? options)
    {
        var content = ledger.Find(source)?.Content;
        var moved = Now(_store.MoveAsync(source, destination, options));
        Note(process, MutationKind.MoveOut, source, destination, null);
        Note(process, MutationKind.MoveIn, destination, source, new LedgerObject(moved, content!, process));
        return moved;
    }

    public StoredObject Copy(SimulatedProcess process, string source, string destination, ObjectTransferOptions? options)
    {
        var copied = Now(_store.CopyAsync(source, destination, options));
        Note(process, MutationKind.CopyIn, destination, source, new LedgerObject(copied, ledger.Find(source)!.Content, process));
        return copied;
    }

    public StoredObject Compose(
        SimulatedProcess process, IReadOnlyList<ComposeSource> sources, string destination, ObjectWriteOptions? options)
    {
        Limit(destination);
        var composed = Now(_store.ComposeAsync(sources, destination, options));
        var content = sources.SelectMany(s => ledger.Find(s.Name)!.Content).ToArray();
        Note(process, MutationKind.ComposeIn, destination, sources[0].Name, new LedgerObject(composed, content, process));
        return composed;
    }

    public bool Delete(SimulatedProcess process, string name, ObjectDeleteOptions? options)
    {
        _store.DeleteAsync(name, options).GetAwaiter().GetResult();
        Note(process, MutationKind.Delete, name, null, null);
        return true;
    }

    private static T Now<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private void Limit(string name)
    {
        if (LimitsRate && _changedAt.TryGetValue(name, out var at) && time.Now - at < TimeSpan.TicksPerSecond)
        {
            throw new ObjectStoreException(ObjectStoreError.RateLimited, $"The object {name} exceeded the rate limit for changes.", name);
        }
    }

    private void Note(SimulatedProcess process, MutationKind kind, string name, string? other, LedgerObject? after)
    {
        var before = ledger.Find(name);
        ledger.Set(name, after, time.Now);
        _changedAt[name] = time.Now;
        changed(new Mutation(process, kind, name, ObjectPlace.Of(name), other, before, after));
    }
}
