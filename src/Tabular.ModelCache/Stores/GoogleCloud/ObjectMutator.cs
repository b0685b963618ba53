using System.Net.Http.Headers;
using System.Text.Json;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Changes metadata and deletes.</summary>
internal sealed class ObjectMutator(StorageTransport transport, StorageAddress address, ObjectReader reader)
{
    public async Task<StoredObject> PatchAsync(
        string name, IReadOnlyDictionary<string, string?> metadata, ObjectPreconditions conditions, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ObjectPatchResource { Metadata = metadata }, StorageJsonContext.Default.ObjectPatchResource);
        var query = new StorageQuery().AddConditions(conditions).Add("projection", "noAcl").Add("fields", StorageFields.Object);
        var call = new StorageCall("storage.objects.patch", HttpMethod.Patch, address.ForObject(name, query))
        {
            ObjectName = name,
            Content = () =>
            {
                var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
                return content;
            },
            Mutates = true,
            IsIdempotent = conditions.IfMetagenerationMatch is not null,
        };
        using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (reply.IsSuccess)
        {
            return reader.ReadObject(reply, call);
        }

        if (reply.Status is 412 && reply.IsAfterDoubt)
        {
            var live = await StorageDoubt.ReadAsync(() => reader.GetAsync(name, null, default, cancellationToken), call, transport.Errors)
                .ConfigureAwait(false);
            if (live is not null
                && live.Metageneration == conditions.IfMetagenerationMatch + 1
                && (conditions.IfGenerationMatch is null || conditions.IfGenerationMatch == live.Generation)
                && metadata.All(pair => live.Metadata.GetValueOrDefault(pair.Key) == pair.Value))
            {
                return live;
            }
        }

        throw await FailureAsync(reply, call, conditions, cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(string name, ObjectDeleteOptions delete, CancellationToken cancellationToken)
    {
        var query = new StorageQuery().Add("generation", delete.Generation).AddConditions(delete.Preconditions);
        var version = delete.Generation ?? delete.Preconditions.IfGenerationMatch;
        var call = new StorageCall("storage.objects.delete", HttpMethod.Delete, address.ForObject(name, query))
        {
            ObjectName = name,
            Mutates = true,
            IsIdempotent = version is not null,
        };
        using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (reply.IsSuccess)
        {
            return;
        }

        if (reply.IsAfterDoubt && reply.Status is 404 or 412)
        {
            var live = await StorageDoubt.ReadAsync(() => reader.GetAsync(name, null, default, cancellationToken), call, transport.Errors)
                .ConfigureAwait(false);
            if (live?.Generation != version)
            {
                // The version is gone, as wanted, be it by the attempt whose answer was lost.
                return;
            }
        }

        throw await FailureAsync(reply, call, delete.Preconditions, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ObjectStoreException> FailureAsync(
        StorageReply reply, StorageCall call, ObjectPreconditions conditions, CancellationToken cancellationToken)
    {
        if (reply.Status != 404)
        {
            return transport.Errors.Translate(reply, call);
        }

        await reader.ThrowIfBucketIsMissingAsync(reply, cancellationToken).ConfigureAwait(false);
        return StorageConditions.FailureOnMissing(conditions) is { } error
            ? transport.Errors.New(error, call, "does not exist, which was expected otherwise.")
            : transport.Errors.Translate(reply, call);
    }
}
