using System.Net.Http.Headers;
using System.Text.Json;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Joins objects on the server.</summary>
internal sealed class ObjectComposer(
    GoogleCloudStoreOptions options, StorageTransport transport, StorageAddress address, ObjectReader reader, ObjectMutator mutator)
{
    public async Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources, string destination, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ObjectComposeResource
            {
                SourceObjects = [.. sources.Select(s => new ComposeSourceResource { Name = address.Prefix + s.Name, Generation = s.Generation })],
                Destination = ObjectUploadResource.Create(write, null),
            },
            StorageJsonContext.Default.ObjectComposeResource);
        var query = new StorageQuery().AddConditions(write.Preconditions).Add("projection", "noAcl").Add("fields", StorageFields.Object);
        var call = new StorageCall("storage.objects.compose", HttpMethod.Post, address.ForCompose(destination, query))
        {
            ObjectName = destination,
            Mutates = true,
            IsIdempotent = write.Preconditions.IfGenerationMatch is not null,

            // On the real service a compose moves no bytes; a stand-in may copy them.
            Timeout = options.TransferTimeout,
            Content = () =>
            {
                var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
                return content;
            },
        };
        using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (reply.IsSuccess)
        {
            return await CheckAsync(reader.ReadObject(reply, call), write, cancellationToken).ConfigureAwait(false);
        }

        if (reply.IsAfterDoubt && reply.Status is 404 or 412)
        {
            return await SettleAsync(reply, call, write, cancellationToken).ConfigureAwait(false);
        }

        throw await FailureAsync(reply, call, sources, cancellationToken).ConfigureAwait(false);
    }

    private async Task<StoredObject> CheckAsync(StoredObject composed, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        if (IsAsDeclared(composed, write))
        {
            return composed;
        }

        // What may have replaced an older version stays: the older one is gone.
        if (write.Preconditions.IfGenerationMatch == 0)
        {
            await mutator.DeleteAsync(
                composed.Name,
                new ObjectDeleteOptions { Generation = composed.Generation, Preconditions = new() { IfGenerationMatch = composed.Generation } },
                cancellationToken).ConfigureAwait(false);
        }

        throw transport.Errors.Corrupted(
            composed.Name,
            $"was joined to {composed.Size} bytes with the CRC32C {composed.Crc32C:x8}, expected are {(write.Length is { } length ? $"{length}" : "any number of")} bytes"
            + $"{(write.Crc32C is { } crc ? $" with {crc:x8}" : "")}. Its parts are not what they were taken for; write them again.");
    }

    /// <summary>An attempt whose answer was lost came before: the object decides, where it is known what it must be.</summary>
    private async Task<StoredObject> SettleAsync(StorageReply reply, StorageCall call, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        var live = await StorageDoubt.ReadAsync(
            () => reader.GetAsync(call.ObjectName!, null, default, cancellationToken), call, transport.Errors).ConfigureAwait(false);
        if (live is not null && live.Generation != write.Preconditions.IfGenerationMatch && write is { Length: not null, Crc32C: not null }
            && IsAsDeclared(live, write) && StorageDoubt.HasMetadata(live, write.Metadata))
        {
            return live;
        }

        throw reply.Status == 412 && live?.Generation != write.Preconditions.IfGenerationMatch && write.Crc32C is null
            ? StorageDoubt.Unknown(call, transport.Errors)
            : transport.Errors.Translate(reply, call);
    }

    private async Task<ObjectStoreException> FailureAsync(
        StorageReply reply, StorageCall call, IReadOnlyList<ComposeSource> sources, CancellationToken cancellationToken)
    {
        if (reply.Status != 404)
        {
            return transport.Errors.Translate(reply, call);
        }

        await reader.ThrowIfBucketIsMissingAsync(reply, cancellationToken).ConfigureAwait(false);
        return transport.Errors.Translate(reply, call with { ObjectName = sources.Count == 1 ? sources[0].Name : $"{sources[0].Name} (or another part)" });
    }

    private static bool IsAsDeclared(StoredObject item, ObjectWriteOptions write) =>
        item.Size == (write.Length ?? item.Size) && item.Crc32C == (write.Crc32C ?? item.Crc32C);
}
