using System.Net.Http.Headers;
using System.Text.Json;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>One resumable session (<see href="https://cloud.google.com/storage/docs/performing-resumable-uploads"/>).</summary>
/// <remarks>
/// After any failure the server is asked what it has persisted, which can be less than was sent, and the upload goes on from there.
/// The address of the session is a secret: whoever has it can write the object. It is in no message.
/// </remarks>
internal sealed class ResumableUpload(
    GoogleCloudStoreOptions options,
    StorageTransport transport,
    StorageAddress address,
    string name,
    UploadBuffer buffer,
    ObjectWriteOptions write)
{
    private const int Granule = 256 * 1024;

    /// <summary>How long the cancelling of a session may take: it is a courtesy, the server forgets a session after a week.</summary>
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(2);

    private readonly StorageBackoff _backoff = new(options with { TotalDeadline = TimeSpan.MaxValue });
    private bool _lastChunkWasSent;

    /// <summary>The call that created the session, for messages.</summary>
    public StorageCall Call { get; private set; } = null!;

    /// <summary>Uploads everything.</summary>
    /// <returns>The final answer, and whether an attempt before it may have completed the object.</returns>
    /// <exception cref="UploadSessionLostException">The server forgot the session.</exception>
    public async Task<(StorageReply Reply, bool Doubt)> RunAsync(CancellationToken cancellationToken)
    {
        var (session, refused) = await StartAsync(cancellationToken).ConfigureAwait(false);
        if (session is null)
        {
            return (refused!, false);
        }

        var finished = false;
        try
        {
            var result = await SendAllAsync(session, cancellationToken).ConfigureAwait(false);
            finished = true;
            return result;
        }
        catch (UploadSessionLostException)
        {
            finished = true;
            throw;
        }
        finally
        {
            if (!finished)
            {
                await CancelAsync(session).ConfigureAwait(false);
            }
        }
    }

    private async Task<(Uri? Session, StorageReply? Refused)> StartAsync(CancellationToken cancellationToken)
    {
        var resource = ObjectUploadResource.Create(write, write.Crc32C);
        var query = new StorageQuery().Add("uploadType", "resumable").Add("name", address.Prefix + name).AddConditions(write.Preconditions)
            .Add("projection", "noAcl").Add("fields", StorageFields.Object);
        Call = new StorageCall("storage.objects.insert", HttpMethod.Post, address.ForUpload(query))
        {
            ObjectName = name,
            Content = () =>
            {
                var content = new ByteArrayContent(
                    JsonSerializer.SerializeToUtf8Bytes(resource, StorageJsonContext.Default.ObjectUploadResource));
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
                return content;
            },
            Headers = headers =>
            {
                headers.TryAddWithoutValidation("X-Upload-Content-Type", write.ContentType ?? "application/octet-stream");
                if (write.Length is { } length)
                {
                    headers.TryAddWithoutValidation("X-Upload-Content-Length", length.ToString(System.Globalization.CultureInfo.InvariantCulture));
                }
            },
        };
        var reply = await transport.SendAsync(Call, cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess)
        {
            return (null, reply);
        }

        using (reply)
        {
            return reply.Response.Headers.Location is { } location
                ? (new Uri(Call.Uri, location), null)
                : throw transport.Errors.Malformed(Call, new InvalidDataException("it names no upload session"));
        }
    }

    private async Task<(StorageReply Reply, bool Doubt)> SendAllAsync(Uri session, CancellationToken cancellationToken)
    {
        while (true)
        {
            await buffer.FillAsync(cancellationToken).ConfigureAwait(false);
            if (buffer.IsComplete)
            {
                UploadChecks.ThrowUnlessAsDeclared(transport.Errors, name, buffer, write);
            }
            else if (write.Length is { } length && buffer.Length > length)
            {
                throw UploadChecks.TooLong(transport.Errors, name, length);
            }

            var doubt = _lastChunkWasSent;
            var (reply, failure) = await transport.TryAsync(CreateChunk(session), doubt, cancellationToken).ConfigureAwait(false);
            var asked = reply is null;
            while (failure is not null)
            {
                doubt = _lastChunkWasSent;
                if (!await _backoff.WaitAsync(failure.RetryAfter, cancellationToken).ConfigureAwait(false))
                {
                    throw StorageErrors.GiveUp(failure.Error, Math.Max(1, _backoff.Failures), doubt);
                }

                (reply, failure) = await transport.TryAsync(CreateQuery(session), doubt, cancellationToken).ConfigureAwait(false);
            }

            if (reply!.Status is 404 or 410 && !doubt)
            {
                using (reply)
                {
                    throw new UploadSessionLostException(reply.Status, buffer.Offset);
                }
            }

            if (reply.Status != 308)
            {
                return (reply, doubt);
            }

            using (reply)
            {
                await AdvanceAsync(reply, asked, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Moves on to what the server has persisted.</summary>
    private async Task AdvanceAsync(StorageReply reply, bool afterFailure, CancellationToken cancellationToken)
    {
        var persisted = ReadPersisted(reply);
        var count = persisted - buffer.Offset;
        if (count < 0 || count > buffer.Count)
        {
            throw transport.Errors.New(
                ObjectStoreError.Unavailable, Call,
                $"was persisted up to byte {persisted} by the server, which had confirmed {buffer.Offset} of the {buffer.Length} sent. Start the write again.");
        }

        buffer.Consume((int)count);
        if (count > 0)
        {
            _backoff.Reset();
        }
        else if (!afterFailure && !await _backoff.WaitAsync(null, cancellationToken).ConfigureAwait(false))
        {
            throw transport.Errors.New(
                ObjectStoreError.Unavailable, Call, $"made no progress beyond byte {persisted}, though the server accepts it. Start the write again.");
        }
    }

    // No Range header means that nothing is persisted.
    private long ReadPersisted(StorageReply reply)
    {
        if (!reply.Response.Headers.TryGetValues("Range", out var values) && !reply.Response.Content.Headers.TryGetValues("Range", out values))
        {
            return 0;
        }

        var text = values.First();
        return text.StartsWith("bytes=0-", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan("bytes=0-".Length), System.Globalization.CultureInfo.InvariantCulture, out var last)
            ? last + 1
            : throw transport.Errors.Malformed(Call, new InvalidDataException($"its Range is '{text}'"));
    }

    private StorageCall CreateChunk(Uri session)
    {
        var isLast = buffer.IsComplete;
        var bytes = isLast ? buffer.Memory : buffer.Memory[..(buffer.Count / Granule * Granule)];
        var first = buffer.Offset;
        _lastChunkWasSent |= isLast;
        return new StorageCall("storage.objects.insert.chunk", HttpMethod.Put, session)
        {
            ObjectName = name,
            Mutates = isLast,
            Timeout = options.TransferTimeout,
            Content = () =>
            {
                var content = new ReadOnlyMemoryContent(bytes);
                var range = bytes.IsEmpty ? "*" : $"{first}-{first + bytes.Length - 1}";
                content.Headers.TryAddWithoutValidation("Content-Range", $"bytes {range}/{(isLast ? buffer.Length : "*")}");
                return content;
            },
            Headers = headers =>
            {
                if (isLast)
                {
                    headers.TryAddWithoutValidation(StorageHash.Header, "crc32c=" + StorageHash.Format(buffer.Crc32C));
                }
            },
        };
    }

    private StorageCall CreateQuery(Uri session) => new("storage.objects.insert.query", HttpMethod.Put, session)
    {
        ObjectName = name,
        Content = () =>
        {
            var content = new ByteArrayContent([]);
            content.Headers.TryAddWithoutValidation("Content-Range", $"bytes */{(buffer.IsComplete ? buffer.Length : "*")}");
            return content;
        },
    };

    private async Task CancelAsync(Uri session)
    {
        var call = new StorageCall("storage.objects.insert.cancel", HttpMethod.Delete, session) { ObjectName = name, Timeout = CancelTimeout };
        var (reply, _) = await transport.TryAsync(call, afterDoubt: false, CancellationToken.None).ConfigureAwait(false);
        reply?.Dispose();
    }
}
