namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Reads metadata, content and listings.</summary>
internal sealed class ObjectReader(GoogleCloudStoreOptions options, StorageTransport transport, StorageAddress address)
{
    /// <summary>How often a read starts anew because the version that it had found was replaced before its content was opened.</summary>
    private const int MaximumRaces = 20;

    public async Task<StoredObject?> GetAsync(
        string name, long? generation, ObjectPreconditions conditions, CancellationToken cancellationToken)
    {
        var query = new StorageQuery().Add("generation", generation).AddConditions(conditions)
            .Add("projection", "noAcl").Add("fields", StorageFields.Object);
        var call = new StorageCall("storage.objects.get", HttpMethod.Get, address.ForObject(name, query)) { ObjectName = name };
        using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (reply.IsSuccess)
        {
            return ReadObject(reply, call);
        }

        if (reply.Status != 404)
        {
            throw transport.Errors.Translate(reply, call);
        }

        await ThrowIfBucketIsMissingAsync(reply, cancellationToken).ConfigureAwait(false);
        return StorageConditions.FailureOnMissing(conditions) is { } error
            ? throw transport.Errors.New(error, call, "does not exist, which was expected otherwise.")
            : null;
    }

    public async Task<ObjectContent?> OpenAsync(string name, ObjectReadOptions read, CancellationToken cancellationToken)
    {
        for (var race = 1; ; race++)
        {
            var version = await GetAsync(name, read.Generation, read.Preconditions, cancellationToken).ConfigureAwait(false);
            if (version is null)
            {
                return null;
            }

            var stream = new ObjectDownloadStream(options, transport, address, version, read);
            try
            {
                if (await stream.TryOpenAsync(cancellationToken).ConfigureAwait(false))
                {
                    return new ObjectContent(version, stream);
                }
            }
            catch
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            await stream.DisposeAsync().ConfigureAwait(false);
            if (read.Generation is not null)
            {
                return null;
            }

            if (race == MaximumRaces)
            {
                throw new ObjectStoreException(
                    ObjectStoreError.Unavailable,
                    $"gs://{address.Bucket}/{address.Prefix}{name} was replaced {MaximumRaces} times between finding and opening it.",
                    name);
            }
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            var query = new StorageQuery().Add("prefix", address.Prefix + prefix).Add("pageToken", token).Add("maxResults", 1000)
                .Add("projection", "noAcl").Add("fields", StorageFields.List);
            var call = new StorageCall("storage.objects.list", HttpMethod.Get, address.ForBucket("/o", query));
            using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
            if (!reply.IsSuccess)
            {
                throw reply.Status == 404 ? transport.Errors.BucketNotFound(reply.Error.Message) : transport.Errors.Translate(reply, call);
            }

            var page = reply.Read(StorageJsonContext.Default.ObjectListResource, call, transport.Errors);
            foreach (var item in page.Items ?? [])
            {
                // Names that no mount can show are not objects of this store.
                if (item?.Name is { } full
                    && full.StartsWith(address.Prefix, StringComparison.Ordinal)
                    && ObjectName.FindObjectProblem(full[address.Prefix.Length..]) is null)
                {
                    yield return Convert(item, call);
                }
            }

            if (page.NextPageToken is { Length: > 0 } next && next == token)
            {
                throw transport.Errors.Malformed(call, new InvalidDataException("the listing's next page is the same page"));
            }

            token = page.NextPageToken;
        }
        while (!string.IsNullOrEmpty(token));
    }

    /// <summary>
    /// Tells a missing bucket from a missing object. Both are 404 notFound; unless the message speaks of an object, a listing of the
    /// bucket decides.
    /// </summary>
    public async Task ThrowIfBucketIsMissingAsync(StorageReply notFound, CancellationToken cancellationToken)
    {
        var message = notFound.Error.Message;
        if (message.StartsWith("No such object", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var query = new StorageQuery().Add("maxResults", 1).Add("fields", "nextPageToken");
        var call = new StorageCall("storage.objects.list", HttpMethod.Get, address.ForBucket("/o", query));
        using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (reply.Status == 404)
        {
            throw transport.Errors.BucketNotFound(reply.Error.Message);
        }
    }

    public StoredObject ReadObject(StorageReply reply, StorageCall call) =>
        Convert(reply.Read(StorageJsonContext.Default.ObjectResource, call, transport.Errors), call);

    public StoredObject Convert(ObjectResource resource, StorageCall call)
    {
        try
        {
            return resource.ToStoredObject(address.Prefix);
        }
        catch (InvalidDataException e)
        {
            throw transport.Errors.Malformed(call, e);
        }
    }
}
