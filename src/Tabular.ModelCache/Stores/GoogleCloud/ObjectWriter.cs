using System.Net.Http.Headers;
using System.Text.Json;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Writes objects: in one request where the content fits into the buffer, in a resumable session where it does not.</summary>
internal sealed class ObjectWriter(
    GoogleCloudStoreOptions options, StorageTransport transport, StorageAddress address, ObjectReader reader)
{
    /// <summary>
    /// A multiple of 256 KiB, as the protocol wants. With the one byte more that is held it fits into 4 MiB, the size in which arrays are
    /// pooled. Large files are cut into parts before they come here; of the others several go up at the same time.
    /// </summary>
    public const int ChunkSize = (4 * 1024 * 1024) - (256 * 1024);

    /// <summary>Content that lies in memory already goes up in one request, if it has no more bytes than this.</summary>
    private const int MaximumInOneRequest = 32 * 1024 * 1024;

    /// <summary>How often content that can be read again is uploaded from its start, when the server lost the session.</summary>
    private const int MaximumSessions = 3;

    public async Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        var start = content.CanSeek ? content.Position : 0;
        for (var session = 1; ; session++)
        {
            try
            {
                return await WriteOnceAsync(name, content, write, cancellationToken).ConfigureAwait(false);
            }
            catch (UploadSessionLostException) when (options.Retries && content.CanSeek && session < MaximumSessions)
            {
                content.Position = start;
            }
            catch (UploadSessionLostException e)
            {
                throw new ObjectStoreException(
                    ObjectStoreError.Unavailable,
                    $"gs://{address.Bucket}/{address.Prefix}{name}: the upload session was lost by the server (HTTP {e.Status}) after "
                    + $"{e.Persisted} bytes, and the content cannot be read again from its start. Start the write again.",
                    name,
                    e);
            }
        }
    }

    private async Task<StoredObject> WriteOnceAsync(
        string name, Stream content, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        using var buffer = UploadBuffer.For(content, (int)Math.Min(write.Length ?? long.MaxValue, ChunkSize) + 1, MaximumInOneRequest);
        await buffer.FillAsync(cancellationToken).ConfigureAwait(false);
        if (buffer.IsComplete)
        {
            UploadChecks.ThrowUnlessAsDeclared(transport.Errors, name, buffer, write);
            return await WriteWholeAsync(name, buffer, write, cancellationToken).ConfigureAwait(false);
        }

        if (write.Length is { } length && buffer.Length > length)
        {
            throw UploadChecks.TooLong(transport.Errors, name, length);
        }

        var upload = new ResumableUpload(options, transport, address, name, buffer, write);
        var (reply, doubt) = await upload.RunAsync(cancellationToken).ConfigureAwait(false);
        using (reply)
        {
            return await FinishAsync(reply, upload.Call, doubt, buffer, write, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<StoredObject> WriteWholeAsync(
        string name, UploadBuffer buffer, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        var resource = ObjectUploadResource.Create(write, buffer.Crc32C);
        var metadata = JsonSerializer.SerializeToUtf8Bytes(resource, StorageJsonContext.Default.ObjectUploadResource);
        var query = new StorageQuery().Add("uploadType", "multipart").Add("name", address.Prefix + name).AddConditions(write.Preconditions)
            .Add("projection", "noAcl").Add("fields", StorageFields.Object);
        var call = new StorageCall("storage.objects.insert", HttpMethod.Post, address.ForUpload(query))
        {
            ObjectName = name,
            Content = () => CreateMultipart(metadata, buffer.Memory, write.ContentType),
            Mutates = true,
            IsIdempotent = write.Preconditions.IfGenerationMatch is not null,
            Timeout = options.TransferTimeout,
        };
        using var reply = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        return await FinishAsync(reply, call, reply.IsAfterDoubt, buffer, write, cancellationToken).ConfigureAwait(false);
    }

    private async Task<StoredObject> FinishAsync(
        StorageReply reply, StorageCall call, bool doubt, UploadBuffer buffer, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        var name = call.ObjectName!;
        if (reply.IsSuccess)
        {
            var stored = reader.ReadObject(reply, call);
            if (stored.Size == buffer.Length && stored.Crc32C == buffer.Crc32C)
            {
                return stored;
            }

            // What may have replaced an older version stays: the older one is gone, and with neither a manifest would lose every model.
            if (write.Preconditions.IfGenerationMatch == 0)
            {
                await DiscardAsync(stored, cancellationToken).ConfigureAwait(false);
            }

            throw transport.Errors.Corrupted(
                name,
                $"was sent as {buffer.Length} bytes with the CRC32C {buffer.Crc32C:x8}, but stored as {stored.Size} bytes with {stored.Crc32C:x8}. Write it again.");
        }

        if (doubt && reply.Status is 404 or 410 or 412)
        {
            return await SettleAsync(reply, call, buffer, write, cancellationToken).ConfigureAwait(false);
        }

        if (reply.Status is 404)
        {
            throw transport.Errors.BucketNotFound(reply.Error.Message);
        }

        throw reply.Status == 400 && reply.Error.Message.Contains("crc32c", StringComparison.OrdinalIgnoreCase)
            ? transport.Errors.Corrupted(name, $"arrived damaged ({reply.Error.Message}). Write it again.")
            : transport.Errors.Translate(reply, call);
    }

    /// <summary>
    /// An attempt whose answer was lost came before this 412, or before the end of the session: the object decides whether it was
    /// our own write.
    /// </summary>
    private async Task<StoredObject> SettleAsync(
        StorageReply reply, StorageCall call, UploadBuffer buffer, ObjectWriteOptions write, CancellationToken cancellationToken)
    {
        var live = await StorageDoubt.ReadAsync(
            () => reader.GetAsync(call.ObjectName!, null, default, cancellationToken), call, transport.Errors).ConfigureAwait(false);
        var isReplaced = (live?.Generation ?? 0) == write.Preconditions.IfGenerationMatch;
        if (live is not null
            && !isReplaced
            && live.Size == buffer.Length
            && live.Crc32C == buffer.Crc32C
            && StorageDoubt.HasMetadata(live, write.Metadata))
        {
            return live;
        }

        if (reply.Status == 412)
        {
            throw transport.Errors.Translate(reply, call);
        }

        // Still the version that was to be replaced: the write is certain not to have happened, and may start anew.
        throw isReplaced ? new UploadSessionLostException(reply.Status, buffer.Offset) : StorageDoubt.Unknown(call, transport.Errors);
    }

    /// <summary>Removes what was stored wrongly, as far as that goes: the failure itself is told in any case.</summary>
    private async Task DiscardAsync(StoredObject stored, CancellationToken cancellationToken)
    {
        var query = new StorageQuery().Add("generation", stored.Generation).Add("ifGenerationMatch", stored.Generation);
        var call = new StorageCall("storage.objects.delete", HttpMethod.Delete, address.ForObject(stored.Name, query))
        {
            ObjectName = stored.Name,
            Mutates = true,
        };
        var (reply, _) = await transport.TryAsync(call, afterDoubt: false, cancellationToken).ConfigureAwait(false);
        reply?.Dispose();
    }

    private static MultipartContent CreateMultipart(byte[] metadata, ReadOnlyMemory<byte> content, string? contentType)
    {
        var multipart = new MultipartContent("related");
        var head = new ByteArrayContent(metadata);
        head.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        multipart.Add(head);
        var body = new ReadOnlyMemoryContent(content);
        body.Headers.TryAddWithoutValidation("Content-Type", contentType ?? "application/octet-stream");
        multipart.Add(body);
        return multipart;
    }
}
