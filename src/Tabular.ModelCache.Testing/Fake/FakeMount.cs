using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>
/// A mount of the fake's store: as it is, as it was, or broken. What it lists of a version, it also writes as real files into its folder,
/// before anybody is told of them.
/// </summary>
internal sealed class FakeMount(InMemoryObjectStore store, string root) : IModelMount
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string Name, long Generation)> _written = [];
    private volatile ObjectStoreMount _shown = new(store, root);
    private volatile string? _broken;
    private volatile string? _failure;
    private volatile bool _isLagging;

    /// <summary>Gets where the check of the mount waits.</summary>
    public FakeHold Hold { get; } = new();

    public string Root => root;

    public bool IsLagging => _isLagging;

    /// <summary>Gets or sets why the check of the mount fails.</summary>
    public string? Failure
    {
        get => _failure;
        set => _failure = value;
    }

    /// <summary>Gets or sets why nothing can be read any more.</summary>
    public string? Broken
    {
        get => _broken;
        set => _broken = value;
    }

    /// <summary>Shows from now on what the store holds at this moment.</summary>
    public void Lag()
    {
        var past = new InMemoryObjectStore();
        Complete.Now(CopyAsync(past));
        _shown = new ObjectStoreMount(past, root);
        _isLagging = true;
    }

    /// <summary>Shows what the store holds.</summary>
    public void CatchUp()
    {
        _shown = new ObjectStoreMount(store, root);
        _isLagging = false;
    }

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await Hold.PassAsync(cancellationToken).ConfigureAwait(false);
        ThrowIf(Failure ?? Broken);
    }

    public Task ProbeAsync(CancellationToken cancellationToken) =>
        Broken is { } reason ? Task.FromException(new ModelCacheException(reason)) : Task.CompletedTask;

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken)
    {
        ThrowIf(Broken);
        return _shown.ReadAsync(path, limit, cancellationToken);
    }

    public async Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken)
    {
        ThrowIf(Broken);
        var shown = _shown;
        var files = await shown.ListAsync(folder, cancellationToken).ConfigureAwait(false);
        foreach (var file in files?.Keys ?? [])
        {
            await WriteAsync($"{folder}/{file}", shown, cancellationToken).ConfigureAwait(false);
        }

        return files;
    }

    public Stream OpenRead(string path) => Broken is { } reason ? throw new IOException(reason) : _shown.OpenRead(path);

    private static void ThrowIf(string? reason)
    {
        if (reason is not null)
        {
            throw new ModelCacheException(reason);
        }
    }

    private async Task WriteAsync(string name, ObjectStoreMount shown, CancellationToken cancellationToken)
    {
        var item = await store.GetAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (item is null || await shown.ReadAsync(name, int.MaxValue, cancellationToken).ConfigureAwait(false) is not { } bytes)
        {
            return;
        }

        Write(name, item.Generation, bytes);
    }

    /// <summary>Several models, and a start and an update, may list at the same time.</summary>
    private void Write(string name, long generation, byte[] bytes)
    {
        lock (_gate)
        {
            if (_written.Add((name, generation)))
            {
                var path = Path.Combine(root, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, bytes);
            }
        }
    }

    private async Task CopyAsync(InMemoryObjectStore past)
    {
        await foreach (var item in store.ListAsync("").ConfigureAwait(false))
        {
            var found = await store.ReadAllAsync(item.Name, int.MaxValue, CancellationToken.None).ConfigureAwait(false);
            if (found is not null)
            {
                await past.WriteBytesAsync(item.Name, found.Bytes, new ObjectWriteOptions(), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
