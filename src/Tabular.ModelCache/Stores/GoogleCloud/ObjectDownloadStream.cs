using System.IO.Hashing;
using System.Net;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>
/// The content of one generation, read forward. A connection that breaks or stalls is opened again where it stopped, on the same
/// generation; a whole read ends with a comparison of its CRC32C. It never ends early without an exception.
/// </summary>
internal sealed class ObjectDownloadStream : ForwardStream
{
    /// <summary>So much progress forgives earlier failures: a long download outlives many breaks, a dead one ends after five.</summary>
    private const long ForgivingProgress = 1024 * 1024;

    private readonly GoogleCloudStoreOptions _options;
    private readonly StorageTransport _transport;
    private readonly StorageCall _call;
    private readonly StoredObject _version;
    private readonly long _end;
    private readonly Crc32? _crc;
    private StorageBackoff _backoff;
    private StorageReply? _reply;
    private Stream? _body;
    private long _position;
    private long _progress;

    public ObjectDownloadStream(
        GoogleCloudStoreOptions options, StorageTransport transport, StorageAddress address, StoredObject version, ObjectReadOptions read)
    {
        _options = options;
        _transport = transport;
        _version = version;
        _position = read.Offset;
        _end = read.Offset + read.CountWithin(version.Name, version.Size);
        _backoff = new StorageBackoff(options);
        _crc = read.Offset == 0 && _end == version.Size ? Crc32C.Create() : null;
        var query = new StorageQuery().Add("alt", "media").Add("generation", version.Generation);
        _call = new StorageCall("storage.objects.get.media", HttpMethod.Get, address.ForMedia(version.Name, query))
        {
            ObjectName = version.Name,
            ReadsMedia = true,
        };
    }

    /// <summary>Opens the content at its start; <see langword="false"/> when the generation is gone.</summary>
    public async Task<bool> TryOpenAsync(CancellationToken cancellationToken) => await OpenAsync(null, cancellationToken).ConfigureAwait(false);

    private bool IsPartial => _position > 0 || _end < _version.Size;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position == _end)
        {
            return 0;
        }

        buffer = buffer[..(int)Math.Min(buffer.Length, _end - _position)];
        while (true)
        {
            var (count, failure) = await TryReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                Advance(buffer.Span[..count]);
                return count;
            }

            await ReopenAsync(failure, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CloseBody();
        }

        base.Dispose(disposing);
    }

    private void Advance(ReadOnlySpan<byte> bytes)
    {
        _position += bytes.Length;
        _progress += bytes.Length;
        _crc?.Append(bytes);
        if (_progress >= ForgivingProgress && _backoff.Failures > 0)
        {
            _backoff = new StorageBackoff(_options);
        }

        if (_position != _end)
        {
            return;
        }

        CloseBody();
        if (_crc is not null && _crc.GetCurrentHashAsUInt32() is var actual && actual != _version.Crc32C)
        {
            throw _transport.Errors.Corrupted(
                _version.Name,
                $"was published with the CRC32C {_version.Crc32C:x8}, but the bytes read have {actual:x8}. Read it again.");
        }
    }

    private async ValueTask<(int Count, ObjectStoreException? Failure)> TryReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var stall = new CancellationTokenSource(_options.StallTimeout, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stall.Token);
        try
        {
            ObjectDisposedException.ThrowIf(_body is null, this);
            var count = await _body.ReadAsync(buffer, linked.Token).ConfigureAwait(false);
            return count > 0 ? (count, null) : (0, Broken("it ended too early"));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            return (0, Broken($"nothing came for {_options.StallTimeout.TotalSeconds:0.###} s", e));
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return (0, Broken(e.Message, e));
        }
    }

    private ObjectStoreException Broken(string how, Exception? cause = null) => _transport.Errors.New(
        ObjectStoreError.Unavailable, _call, $"broke off at byte {_position} of {_end}: {how}.", cause);

    private async Task ReopenAsync(ObjectStoreException failure, CancellationToken cancellationToken)
    {
        CloseBody();
        _progress = 0;
        if (!await OpenAsync(failure, cancellationToken).ConfigureAwait(false))
        {
            throw _transport.Errors.New(
                ObjectStoreError.Unavailable, _call, $"was replaced while generation {_version.Generation} was read. Read it again.", failure);
        }
    }

    /// <summary>Opens the content at the present position, as often as the failures since the last progress allow.</summary>
    private async Task<bool> OpenAsync(ObjectStoreException? failure, CancellationToken cancellationToken)
    {
        TimeSpan? wait = null;
        while (_position < _end)
        {
            if (failure is not null && !await _backoff.WaitAsync(wait, cancellationToken).ConfigureAwait(false))
            {
                throw StorageErrors.GiveUp(failure, _backoff.Failures, doubt: false);
            }

            var call = CreateCall();
            var (reply, failed) = await _transport.TryAsync(call, afterDoubt: false, cancellationToken).ConfigureAwait(false);
            if (failed is not null)
            {
                (failure, wait) = failed.Error.IsTransient ? (failed.Error, failed.RetryAfter) : throw failed.Error;
                continue;
            }

            if (!reply!.IsSuccess)
            {
                using (reply)
                {
                    return reply.Status is 404 or 410 ? false : throw _transport.Errors.Translate(reply, call);
                }
            }

            failure = await AcceptAsync(reply, cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                break;
            }
        }

        return true;
    }

    private StorageCall CreateCall()
    {
        var from = _position;
        return _call with
        {
            Headers = headers =>
            {
                // Stored bytes as they are: without this, an object that is stored compressed would be unpacked on the way.
                headers.AcceptEncoding.ParseAdd("gzip");
                if (IsPartial)
                {
                    headers.Range = new(from, _end - 1);
                }
            },
        };
    }

    private async Task<ObjectStoreException?> AcceptAsync(StorageReply reply, CancellationToken cancellationToken)
    {
        _reply = reply;
        CheckAnswer(reply);
        _body = await reply.Response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return IsPartial && reply.Response.StatusCode == HttpStatusCode.OK
            ? await SkipAsync(_position, cancellationToken).ConfigureAwait(false)
            : null;
    }

    private void CheckAnswer(StorageReply reply)
    {
        var content = reply.Response.Content.Headers;
        if (reply.Response.StatusCode == HttpStatusCode.PartialContent
            && content.ContentRange is { } range && (range.From != _position || range.Length is { } length && length != _version.Size))
        {
            throw _transport.Errors.Corrupted(
                _version.Name, $"was asked for from byte {_position} of {_version.Size}, but the server sent '{range}'.");
        }

        // The hash is of the whole stored object, so it proves nothing about a part, and nothing about bytes that were unpacked.
        if (!IsPartial
            && reply.Response.Headers.TryGetValues(StorageHash.Header, out var values)
            && StorageHash.ParseHeader(values) is { } hash && hash != _version.Crc32C)
        {
            throw _transport.Errors.Corrupted(
                _version.Name, $"has the CRC32C {_version.Crc32C:x8} in its metadata, but {hash:x8} in the headers of its content.");
        }
    }

    // A server that ignores the range sends everything; the bytes before the position are read past.
    private async Task<ObjectStoreException?> SkipAsync(long count, CancellationToken cancellationToken)
    {
        var scratch = new byte[64 * 1024];
        while (count > 0)
        {
            var (read, failure) = await TryReadAsync(scratch.AsMemory(0, (int)Math.Min(scratch.Length, count)), cancellationToken)
                .ConfigureAwait(false);
            if (failure is not null)
            {
                CloseBody();
                return failure;
            }

            count -= read;
        }

        return null;
    }

    private void CloseBody()
    {
        _body?.Dispose();
        _body = null;
        _reply?.Dispose();
        _reply = null;
    }
}
