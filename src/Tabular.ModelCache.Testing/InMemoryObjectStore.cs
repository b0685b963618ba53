using System.Runtime.CompilerServices;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>
/// An object store in memory with the semantics of Google Cloud Storage: generations, metagenerations, preconditions and checksums.
/// </summary>
/// <remarks>
/// It passes the contract suite that the real client passes. A replaced or deleted version is gone, as in a bucket without versioning.
/// A generation looks like that of Cloud Storage (microseconds since 1970) and is never given twice, also when the clock stands still.
/// Requests complete synchronously, unless the content stream of a write does not. Instances are safe for concurrent use.
/// </remarks>
public sealed class InMemoryObjectStore : IObjectStore
{
    private const int SmallBlock = 64 * 1024;
    private const int LargestBlock = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, InMemoryObject> _objects = new(StringComparer.Ordinal);
    private readonly TimeProvider _timeProvider;
    private long _lastGeneration;

    /// <summary>Makes an empty store.</summary>
    /// <param name="timeProvider">The clock of the store, for generations and dates; <see langword="null"/> takes the system's.</param>
    public InMemoryObjectStore(TimeProvider? timeProvider = null) => _timeProvider = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public string DisplayName { get; init; } = "memory";

    /// <summary>Makes a store with the same objects, generations included; what is done to the one from here on is not seen in the other.</summary>
    internal InMemoryObjectStore Fork()
    {
        var fork = new InMemoryObjectStore(_timeProvider) { DisplayName = DisplayName };
        lock (_gate)
        {
            foreach (var (name, item) in _objects)
            {
                fork._objects.Add(name, item);
            }

            fork._lastGeneration = _lastGeneration;
        }

        return fork;
    }

    /// <inheritdoc/>
    public Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
        Answer(
            () =>
            {
                var live = Find(name);
                Verify(preconditions, name, live);
                return live?.Metadata;
            },
            cancellationToken,
            name);

    /// <inheritdoc/>
    public Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default) =>
        Answer(
            () =>
            {
                var request = options ?? new ObjectReadOptions();
                request.Validate();
                var version = Find(name);
                if (request.Generation is { } generation && version?.Metadata.Generation != generation)
                {
                    version = null;
                }

                Verify(request.Preconditions, name, version);
                if (version is null)
                {
                    return null;
                }

                var count = request.CountWithin(name, version.Metadata.Size);
                var offset = Math.Min(request.Offset, version.Metadata.Size);
                return new ObjectContent(version.Metadata, new BlockStream(version.Blocks, offset, count));
            },
            cancellationToken,
            name);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var page = await Answer(
            () => _objects.Values
                .Select(item => item.Metadata)
                .Where(item => item.Name.StartsWith(prefix, StringComparison.Ordinal))
                .OrderBy(item => item.Name, Utf8NameComparer.Instance)
                .ToArray(),
            cancellationToken).ConfigureAwait(false);
        foreach (var item in page)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }

    /// <inheritdoc/>
    public async Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectName.Validate(name);
        ArgumentNullException.ThrowIfNull(content);
        var request = options ?? new ObjectWriteOptions();
        var (blocks, crc32C) = await ReadAsync(name, content, request.Length, cancellationToken).ConfigureAwait(false);
        Check(name, crc32C, request);
        return await Answer(() => Create(name, blocks, crc32C, request), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return Answer(
            () =>
            {
                var live = Require(name, preconditions);
                var patched = live.Metadata with
                {
                    Metadata = MetadataMerge.Apply(live.Metadata.Metadata, metadata),
                    Metageneration = live.Metadata.Metageneration + 1,
                    Updated = _timeProvider.GetUtcNow(),
                };
                _objects[name] = new InMemoryObject(patched, live.Blocks);
                return patched;
            },
            cancellationToken,
            name);
    }

    /// <inheritdoc/>
    public Task<StoredObject> MoveAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        Answer(
            () =>
            {
                if (source == destination)
                {
                    throw ObjectStoreErrors.MovedOntoItself(source);
                }

                var moved = Transfer(source, destination, options);
                _objects.Remove(source);
                return moved;
            },
            cancellationToken,
            source,
            destination);

    /// <inheritdoc/>
    public Task<StoredObject> CopyAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        Answer(() => Transfer(source, destination, options), cancellationToken, source, destination);

    /// <inheritdoc/>
    public Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources,
        string destination,
        ObjectWriteOptions? options = null,
        CancellationToken cancellationToken = default) =>
        Answer(
            () =>
            {
                ObjectStoreErrors.ValidateCompose(sources, destination);
                var parts = sources.Select(Require).ToList();
                var request = options ?? new ObjectWriteOptions();
                var size = parts.Sum(p => p.Metadata.Size);
                if (request.Length is { } length && length != size)
                {
                    throw ObjectStoreErrors.WrongLength(destination, length, $"{size}");
                }

                var crc32C = Crc32C.Combine(parts.Select(p => (p.Metadata.Crc32C, p.Metadata.Size)));
                Check(destination, crc32C, request);
                return Create(destination, [.. parts.SelectMany(p => p.Blocks)], crc32C, request);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default) =>
        Answer(
            () =>
            {
                var live = Require(name, options?.Preconditions ?? default);
                if (options?.Generation is { } generation && generation != live.Metadata.Generation)
                {
                    throw ObjectStoreErrors.NotFound(name, DisplayName, generation);
                }

                return _objects.Remove(name);
            },
            cancellationToken,
            name);

    private static void Verify(ObjectPreconditions preconditions, string name, InMemoryObject? live) =>
        preconditions.Verify(name, live?.Metadata.Generation ?? 0, live?.Metadata.Metageneration ?? 0);

    private static async Task<(IReadOnlyList<byte[]> Blocks, uint Crc32C)> ReadAsync(
        string name, Stream content, long? expectedLength, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var blocks = new List<byte[]>();
        var crc32C = Crc32C.Create();
        long size = 0;
        while (true)
        {
            // One byte more than is expected, so that the end is seen; a block that is not full is cut. Unknown lengths grow by doubling.
            var block = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(expectedLength - size + 1 ?? Math.Max(size, SmallBlock), 1, LargestBlock));
            var read = await content.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            size += read;
            if (size > expectedLength)
            {
                throw ObjectStoreErrors.WrongLength(name, expectedLength.Value, "more");
            }

            crc32C.Append(block.AsSpan(0, read));
            if (read > 0)
            {
                blocks.Add(read == block.Length ? block : block[..read]);
            }

            if (read < block.Length)
            {
                return expectedLength is { } expected && expected != size
                    ? throw ObjectStoreErrors.WrongLength(name, expected, $"{size}")
                    : (blocks, crc32C.GetCurrentHashAsUInt32());
            }
        }
    }

    private static void Check(string name, uint crc32C, ObjectWriteOptions request)
    {
        if (request.Crc32C is { } expected && expected != crc32C)
        {
            throw ObjectStoreErrors.WrongCrc32C(name, expected, crc32C);
        }
    }

    private StoredObject Create(string name, IReadOnlyList<byte[]> blocks, uint crc32C, ObjectWriteOptions request)
    {
        Verify(request.Preconditions, name, Find(name));
        var template = new StoredObject
        {
            Name = name,
            Generation = 1,
            Metageneration = 1,
            Size = blocks.Sum(b => (long)b.Length),
            Crc32C = crc32C,
            Metadata = MetadataMerge.Copy(request.Metadata),
            ContentType = request.ContentType,
            CacheControl = request.CacheControl,
        };
        return Put(name, template, blocks);
    }

    private InMemoryObject Require(ComposeSource source) =>
        Find(source.Name) is { } version && version.Metadata.Generation == source.Generation
            ? version
            : throw ObjectStoreErrors.NotFound(source.Name, DisplayName, source.Generation);

    private InMemoryObject? Find(string name) => _objects.GetValueOrDefault(name);

    private InMemoryObject Require(string name, ObjectPreconditions preconditions)
    {
        var live = Find(name);
        Verify(preconditions, name, live);
        return live ?? throw ObjectStoreErrors.NotFound(name, DisplayName);
    }

    private StoredObject Transfer(string source, string destination, ObjectTransferOptions? options)
    {
        var from = Require(source, options?.Source ?? default);
        Verify(options?.Destination ?? default, destination, Find(destination));
        return Put(destination, from.Metadata, from.Blocks);
    }

    private StoredObject Put(string name, StoredObject template, IReadOnlyList<byte[]> blocks)
    {
        var now = _timeProvider.GetUtcNow();
        _lastGeneration = Math.Max(_lastGeneration + 1, (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        var stored = template with { Name = name, Generation = _lastGeneration, Metageneration = 1, Created = now, Updated = now };
        _objects[name] = new InMemoryObject(stored, blocks);
        return stored;
    }

    private Task<T> Answer<T>(Func<T> request, CancellationToken cancellationToken, params ReadOnlySpan<string> names)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        try
        {
            foreach (var name in names)
            {
                ObjectName.Validate(name);
            }

            lock (_gate)
            {
                return Task.FromResult(request());
            }
        }
        catch (Exception e) when (e is ObjectStoreException or ArgumentException)
        {
            return Task.FromException<T>(e);
        }
    }
}
