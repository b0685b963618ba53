using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A mount that shows what a store holds, except where a test makes it fail.</summary>
internal sealed class ScriptedMount(IObjectStore shown) : IModelMount
{
    private readonly ObjectStoreMount _inner = new(shown);

    public string Root => _inner.Root;

    /// <summary>Is called when a file is opened, and may throw as the kernel would.</summary>
    public Action<string> Opening { get; set; } = _ => { };

    /// <summary>Whether listings show a folder.</summary>
    public Predicate<string> ShowsFolder { get; set; } = _ => true;

    /// <summary>Whether a small file can be read, though it is listed.</summary>
    public Predicate<string> ShowsFile { get; set; } = _ => true;

    /// <summary>The files of a folder that are symbolic links.</summary>
    public HashSet<string> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>What the check of the mount waits for.</summary>
    public Task Checking { get; set; } = Task.CompletedTask;

    /// <summary>What a probe fails with.</summary>
    public Func<ModelCacheException?> Probing { get; set; } = () => null;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await Checking;
        await _inner.CheckAsync(cancellationToken);
    }

    public Task ProbeAsync(CancellationToken cancellationToken) => Probing() is { } failure ? Task.FromException(failure) : Task.CompletedTask;

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) =>
        ShowsFile(path) ? _inner.ReadAsync(path, limit, cancellationToken) : Task.FromResult<byte[]?>(null);

    public async Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var files = ShowsFolder(folder) ? await _inner.ListAsync(folder, cancellationToken) : null;
        return files?.ToDictionary(f => f.Key, f => Links.Contains(f.Key) ? -1 : f.Value);
    }

    public Stream OpenRead(string path)
    {
        Opening(path);
        return _inner.OpenRead(path);
    }
}
