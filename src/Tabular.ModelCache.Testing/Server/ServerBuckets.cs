using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Tabular.ModelCache.Testing;

/// <summary>The buckets of a server.</summary>
internal sealed partial class ServerBuckets
{
    private readonly ConcurrentDictionary<string, Lazy<ServerBucket>> _buckets = new(StringComparer.Ordinal);
    private readonly CloudStorageServerOptions _options;

    public ServerBuckets(CloudStorageServerOptions options)
    {
        _options = options;
        foreach (var name in options.Buckets ?? [])
        {
            _ = Create(name);
        }
    }

    public IEnumerable<ServerBucket> All => Found().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value.Value);

    private ConcurrentDictionary<string, Lazy<ServerBucket>> Found()
    {
        try
        {
            foreach (var name in _options.FindBuckets?.Invoke() ?? [])
            {
                _ = Create(name);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was written yet.
        }

        return _buckets;
    }

    public ServerBucket? Find(string? name)
    {
        if (name is null)
        {
            return null;
        }

        return _buckets.TryGetValue(name, out var bucket) ? bucket.Value : _options.Buckets is null ? Create(name) : null;
    }

    /// <summary>Makes a bucket, or returns the one that is there; <see langword="null"/> when the name is not one of a bucket.</summary>
    public ServerBucket? Create(string name) => BucketName().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal)
        ? _buckets.GetOrAdd(
            name, key => new Lazy<ServerBucket>(() => new ServerBucket(key, (_options.CreateStore ?? Memory)(key), _options))).Value
        : null;

    public bool Remove(string name) => _buckets.TryRemove(name, out _);

    private InMemoryObjectStore Memory(string name) => new(_options.TimeProvider) { DisplayName = $"gs://{name}" };

    [GeneratedRegex("^[a-z0-9]([a-z0-9._-]{0,220}[a-z0-9])?$")]
    private static partial Regex BucketName();
}
