using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Tabular.ModelCache.Stores.Directories;

namespace Tabular.ModelCache.Stores;

/// <summary>An object store in a directory: each object is a plain file at its name, so the directory serves as a mount as well.</summary>
/// <remarks>
/// Several processes of one machine share it. A change is one rename of the content, under a lock of its shard; what a killed process
/// leaves is judged by everybody alike and finished by the next change of the object. Reads take no lock and write nothing.
/// <see cref="StoreLayout"/> tells where what lies, <see cref="DirectoryReader"/> how a reader meets a writer.
/// </remarks>
internal sealed class DirectoryObjectStore : IObjectStore
{
    private readonly StoreLayout _layout;
    private readonly DirectoryReader _reader;
    private readonly DirectoryLister _lister;
    private readonly DirectoryWriter _writer;
    private readonly WritableCheck _writable;

    /// <summary>Opens a directory; nothing is created before the first write.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="timeProvider">The clock, for generations, dates and waits.</param>
    /// <param name="random">For the jitter of waits.</param>
    /// <param name="options">How to use the directory; <see langword="null"/> takes the defaults.</param>
    public DirectoryObjectStore(string root, TimeProvider timeProvider, Random random, DirectoryObjectStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(random);
        var settings = options ?? new DirectoryObjectStoreOptions();
        _layout = new StoreLayout(root);
        var sidecars = new SidecarFiles(_layout, settings);
        _reader = new DirectoryReader(_layout, sidecars, timeProvider);
        _lister = new DirectoryLister(_layout);
        _writable = new WritableCheck(_layout, settings);
        _writer = new DirectoryWriter(
            _layout,
            sidecars,
            _reader,
            new ShardLocks(_layout, timeProvider, random, settings),
            new StagingArea(_layout, timeProvider, settings),
            timeProvider,
            settings);
    }

    /// <inheritdoc/>
    public string DisplayName => _layout.Root;

    /// <inheritdoc/>
    public Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
        ReadAsync(
            name,
            async () =>
            {
                var state = _reader.Find(name);
                preconditions.Verify(name, state?.Generation ?? 0, state?.Metageneration ?? 0);
                return state is null ? null : await _reader.DescribeAsync(state, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default) =>
        ReadAsync(
            name,
            async () =>
            {
                var request = options ?? new ObjectReadOptions();
                request.Validate();
                var opened = await _reader.OpenAsync(name, cancellationToken).ConfigureAwait(false);
                var content = (ObjectContent?)null;
                try
                {
                    var item = request.Generation is null || request.Generation == opened?.Item.Generation ? opened?.Item : null;
                    request.Preconditions.Verify(name, item?.Generation ?? 0, item?.Metageneration ?? 0);
                    if (item is not null)
                    {
                        var count = request.CountWithin(name, item.Size);
                        content = new ObjectContent(item, new ObjectFileStream(opened!.Value.Handle, item, request.Offset, count));
                    }

                    return content;
                }
                finally
                {
                    if (content is null)
                    {
                        opened?.Handle.Dispose();
                    }
                }
            },
            cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        List<string> names;
        try
        {
            _writable.VerifyRoot();
            names = _lister.Find(prefix, cancellationToken);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Map(e, _layout.Root, null);
        }

        foreach (var name in names)
        {
            // One that was deleted since the walk is left out.
            if (await GetAsync(name, default, cancellationToken).ConfigureAwait(false) is { } item)
            {
                yield return item;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return await ChangeAsync(
            () => _writer.WriteAsync(name, content, options ?? new ObjectWriteOptions(), cancellationToken),
            cancellationToken,
            name).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return await ChangeAsync(
            () => _writer.PatchAsync(name, metadata, preconditions, cancellationToken),
            cancellationToken,
            name).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<StoredObject> MoveAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            () => source == destination
                ? throw ObjectStoreErrors.MovedOntoItself(source)
                : _writer.MoveAsync(source, destination, options ?? new ObjectTransferOptions(), cancellationToken),
            cancellationToken,
            source,
            destination);

    /// <inheritdoc/>
    public Task<StoredObject> CopyAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            () => _writer.CopyAsync(source, destination, options ?? new ObjectTransferOptions(), cancellationToken),
            cancellationToken,
            source,
            destination);

    /// <inheritdoc/>
    public async Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources,
        string destination,
        ObjectWriteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ObjectStoreErrors.ValidateCompose(sources, destination);
        var content = new ComposedStream(this, sources);
        await using (content.ConfigureAwait(false))
        {
            return await WriteAsync(destination, content, options, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            () => _writer.DeleteAsync(name, options ?? new ObjectDeleteOptions(), cancellationToken),
            cancellationToken,
            name);

    private static void ValidateName(string name)
    {
        ObjectName.Validate(name);
        if (ObjectName.IsFolder(name))
        {
            throw new ObjectStoreException(
                ObjectStoreError.InvalidRequest,
                $"The object '{name}' stands for a folder, and a directory has its folders by itself; leave it out (ModelCache:Mount:WriteFolderObjects is for buckets).",
                name);
        }

        if (StoreLayout.IsPrivate(name))
        {
            throw new ObjectStoreException(
                ObjectStoreError.InvalidRequest,
                $"The object '{name}' cannot be in '{StoreLayout.PrivateFolder}/', which holds the store's own files; use another name.",
                name);
        }
    }

    private async Task<T> ReadAsync<T>(string name, Func<Task<T>> read, CancellationToken cancellationToken)
    {
        ValidateName(name);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            _writable.VerifyRoot();
            return await read().ConfigureAwait(false);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.Map(e, _layout.Root, name);
        }
    }

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change, CancellationToken cancellationToken, params string[] names)
    {
        Array.ForEach(names, ValidateName);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            Array.ForEach(names, _writable.Verify);
            return await change().ConfigureAwait(false);
        }
        catch (ContentFailedException e)
        {
            // As the caller's stream threw it, with its own trace.
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // A disk that failed in the middle may have done what it was told.
            throw FileErrors.Map(e, _layout.Root, names[0], outcomeUnknown: true);
        }
    }
}
