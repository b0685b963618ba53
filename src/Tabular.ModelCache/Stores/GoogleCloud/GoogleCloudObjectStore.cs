namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The objects of one bucket of Google Cloud Storage, below a prefix, through its JSON API.</summary>
/// <remarks>
/// Written on <c>Google.Apis</c> and <c>Google.Apis.Auth</c>; only the shapes of the requests are here
/// (<see href="https://cloud.google.com/storage/docs/json_api/v1"/>). Retries follow
/// <see href="https://cloud.google.com/storage/docs/retry-strategy"/>: only what is idempotent, and a 412 or 404 that may be the doing
/// of an attempt whose answer was lost is settled by reading back.
/// </remarks>
internal sealed class GoogleCloudObjectStore : IObjectStore, IDisposable
{
    private readonly StorageTransport _transport;
    private readonly StorageAddress _address;
    private readonly ObjectReader _reader;
    private readonly ObjectWriter _writer;
    private readonly ObjectMutator _mutator;
    private readonly ObjectTransfer _transfer;
    private readonly ObjectComposer _composer;

    public GoogleCloudObjectStore(GoogleCloudStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Bucket);
        _transport = new StorageTransport(options);
        _address = new StorageAddress(options);
        _reader = new ObjectReader(options, _transport, _address);
        _writer = new ObjectWriter(options, _transport, _address, _reader);
        _mutator = new ObjectMutator(_transport, _address, _reader);
        _transfer = new ObjectTransfer(_transport, _address, _reader, _mutator);
        _composer = new ObjectComposer(options, _transport, _address, _reader, _mutator);
        DisplayName = $"gs://{options.Bucket}/{options.Prefix}".TrimEnd('/');
    }

    public string DisplayName { get; }

    public Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default)
    {
        Validate(name);
        return _reader.GetAsync(name, null, preconditions, cancellationToken);
    }

    public Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        Validate(name);
        options ??= new();
        options.Validate();
        return _reader.OpenAsync(name, options, cancellationToken);
    }

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return _reader.ListAsync(prefix, cancellationToken);
    }

    public Task<StoredObject> WriteAsync(
        string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        Validate(name);
        ArgumentNullException.ThrowIfNull(content);
        return _writer.WriteAsync(name, content, options ?? new(), cancellationToken);
    }

    public Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default)
    {
        Validate(name);
        ArgumentNullException.ThrowIfNull(metadata);
        return _mutator.PatchAsync(name, metadata, preconditions, cancellationToken);
    }

    public Task<StoredObject> MoveAsync(
        string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        Validate(source);
        Validate(destination);
        return source == destination
            ? Task.FromException<StoredObject>(ObjectStoreErrors.MovedOntoItself(source))
            : _transfer.MoveAsync(source, destination, options ?? new(), cancellationToken);
    }

    public Task<StoredObject> CopyAsync(
        string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default)
    {
        Validate(source);
        Validate(destination);
        return _transfer.CopyAsync(source, destination, options ?? new(), cancellationToken);
    }

    public Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources,
        string destination,
        ObjectWriteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ObjectStoreErrors.ValidateCompose(sources, destination);
        Validate(destination);
        return _composer.ComposeAsync(sources, destination, options ?? new(), cancellationToken);
    }

    public Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        Validate(name);
        return _mutator.DeleteAsync(name, options ?? new(), cancellationToken);
    }

    /// <summary>Reads the settings of the bucket, for the doctor; needs storage.buckets.get, which no role for objects has.</summary>
    public async Task<BucketResource> GetBucketAsync(CancellationToken cancellationToken)
    {
        var call = new StorageCall(
            "storage.buckets.get", HttpMethod.Get, _address.ForBucket("", new StorageQuery().Add("fields", StorageFields.Bucket)));
        using var reply = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        return reply.IsSuccess
            ? reply.Read(StorageJsonContext.Default.BucketResource, call, _transport.Errors)
            : throw Failure(reply, call);
    }

    /// <summary>Asks which of some permissions the caller has on the bucket; needs none itself.</summary>
    /// <remarks>A role that is granted on a managed folder alone does not show here.</remarks>
    public async Task<PermissionsAnswer> TestPermissionsAsync(IEnumerable<string> permissions, CancellationToken cancellationToken)
    {
        var query = new StorageQuery();
        foreach (var permission in permissions)
        {
            query.Add("permissions", permission);
        }

        var call = new StorageCall("storage.buckets.testIamPermissions", HttpMethod.Get, _address.ForBucket("/iam/testPermissions", query));
        using var reply = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess)
        {
            throw Failure(reply, call);
        }

        var granted = reply.Read(StorageJsonContext.Default.PermissionsResource, call, _transport.Errors).Permissions ?? [];
        return new PermissionsAnswer(granted.ToHashSet(StringComparer.Ordinal), reply.Response.Headers.Date);
    }

    public void Dispose() => _transport.Dispose();

    private ObjectStoreException Failure(StorageReply reply, StorageCall call) =>
        reply.Status == 404 ? _transport.Errors.BucketNotFound(reply.Error.Message) : _transport.Errors.Translate(reply, call);

    private void Validate(string name)
    {
        ObjectName.Validate(name);
        if (_address.Prefix.Length > 0)
        {
            ObjectName.Validate(_address.Prefix + name);
        }
    }
}
