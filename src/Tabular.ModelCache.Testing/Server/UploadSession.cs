using System.IO.Pipelines;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>
/// One resumable upload. Its bytes go through a pipe into the store as they come, so that nothing is held whole; what is persisted
/// grows in whole 256 KiB, as in Cloud Storage, and the rest of a broken chunk is dropped.
/// </summary>
internal sealed class UploadSession(
    CloudStorageServerOptions options,
    ServerBucket bucket,
    string name,
    UploadMetadata metadata,
    ObjectWriteOptions write,
    long? declaredLength,
    bool withMd5) : IAsyncDisposable
{
    private const int Granule = 256 * 1024;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly UploadDigest _digest = new(withMd5);
    private readonly byte[] _granule = new byte[Granule];
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 4 * Granule, resumeWriterThreshold: 2 * Granule));
    private readonly CancellationTokenSource _cancelled = new();
    private Task<StoredObject>? _writing;
    private long _persisted;
    private long _lastUse = options.TimeProvider.GetTimestamp();
    private ServerReply? _result;

    public bool IsExpired => options.TimeProvider.GetElapsedTime(_lastUse) >= options.UploadSessionLifetime;

    public async Task<ServerReply> ReceiveAsync(ServerCall call)
    {
        // A client whose connection broke asks at once, while the chunk that broke may still be on its way out.
        await _gate.WaitAsync(call.Aborted).ConfigureAwait(false);
        try
        {
            _lastUse = options.TimeProvider.GetTimestamp();
            if (_result is not null)
            {
                return _result;
            }

            var range = UploadRange.Parse(call.Header("Content-Range"));
            return Check(range, call) ?? await TakeAsync(range, call).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cancelled.CancelAsync().ConfigureAwait(false);
        if (_writing is not null)
        {
            await ((Task)_writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _cancelled.Dispose();
        _digest.Dispose();
        _gate.Dispose();
    }

    private ServerReply? Check(UploadRange range, ServerCall call)
    {
        if (range.Total is { } total && declaredLength is { } declared && total != declared)
        {
            return Refuse($"The upload was declared with {declared} bytes, but the Content-Range says {total}.");
        }

        if (range.IsQuery)
        {
            call.Context.Request.Headers.Remove("X-Goog-Hash");
            return range.Total == _persisted ? null : Progress(call);
        }

        if (range.First > _persisted)
        {
            return Refuse($"The upload has {_persisted} bytes; a chunk cannot start at {range.First}.");
        }

        var isFinal = range.Last is null || range.Last + 1 == range.Total;
        return !isFinal && (range.Last - range.First + 1) % Granule != 0
            ? Refuse($"A chunk that is not the last must be a multiple of {Granule} bytes.")
            : null;
    }

    private async Task<ServerReply> TakeAsync(UploadRange range, ServerCall call)
    {
        _writing ??= WriteAsync();
        var start = range.First ?? _persisted;
        var end = range.Last + 1 ?? (range.IsQuery ? start : null);
        var isFinal = range.Last is null || end == range.Total;
        var (tail, complete) = await ReadAsync(call, _persisted - start, end - start).ConfigureAwait(false);
        if (!complete || !isFinal)
        {
            return _writing.IsCompleted ? await FinishAsync(call).ConfigureAwait(false) : Progress(call);
        }

        if (call.Fault?.PersistLimit is not null)
        {
            return Progress(call);
        }

        if (bucket.CheckRate(name) is { } tooFast)
        {
            return tooFast;
        }

        var header = ServerHash.ParseHeader(call.Header("X-Goog-Hash"));
        _digest.Append(_granule.AsSpan(0, tail));
        var problem = _digest.Finish(name, header, (metadata.Crc32C, metadata.Md5Hash));
        if (problem is not null)
        {
            await _pipe.Writer.CompleteAsync(new ObjectStoreException(ObjectStoreError.Corrupted, problem)).ConfigureAwait(false);
            return _result = ServerErrors.Invalid(problem);
        }

        await _pipe.Writer.WriteAsync(_granule.AsMemory(0, tail)).ConfigureAwait(false);
        await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        _persisted += tail;
        return await FinishAsync(call).ConfigureAwait(false);
    }

    /// <summary>Moves whole granules into the pipe.</summary>
    /// <returns>How many bytes of an unfinished granule are left, and whether the body came to its end.</returns>
    private async Task<(int Tail, bool Complete)> ReadAsync(ServerCall call, long known, long? length)
    {
        var remaining = length ?? long.MaxValue;
        var limit = call.Fault?.PersistLimit is { } most ? _persisted + (most / Granule * Granule) : long.MaxValue;
        var filled = 0;
        while (remaining > 0)
        {
            var skip = (int)Math.Min(known, Granule);
            var target = skip > 0 ? _granule.AsMemory(0, skip) : _granule.AsMemory(filled);
            var read = await call.Body.ReadAsync(target[..(int)Math.Min(target.Length, remaining)], call.Aborted).ConfigureAwait(false);
            if (read == 0)
            {
                return (filled, length is null);
            }

            remaining -= read;
            if (skip > 0)
            {
                known -= read;
                continue;
            }

            filled += read;
            if (filled < Granule)
            {
                continue;
            }

            filled = 0;
            if (_persisted < limit)
            {
                _digest.Append(_granule);
                await _pipe.Writer.WriteAsync(_granule).ConfigureAwait(false);
                _persisted += Granule;
            }
        }

        return (filled, true);
    }

    private async Task<StoredObject> WriteAsync()
    {
        try
        {
            // Off this request: the write outlives it.
            await Task.Yield();
            return await bucket.Store.WriteAsync(name, _pipe.Reader.AsStream(), write, _cancelled.Token).ConfigureAwait(false);
        }
        finally
        {
            // From here on the pipe takes everything and keeps nothing, so that no chunk waits for a store that has failed.
            await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task<ServerReply> FinishAsync(ServerCall call)
    {
        try
        {
            var stored = await _writing!.ConfigureAwait(false);
            bucket.Keep(name, metadata.Over(new ObjectExtras(stored.Generation)) with { Md5Hash = _digest.Md5Hash });
            var description = bucket.Describe(stored, call.Origin);
            _result = ServerReply.Ok(description);
            return ServerReply.Ok(description.DeepClone(), mutated: true);
        }
        catch (ObjectStoreException e)
        {
            return _result = ServerErrors.From(e, bucket.Name, name);
        }
    }

    // No Range header at all means that nothing is persisted.
    private ServerReply Progress(ServerCall call)
    {
        // Google's Go client asks for this, because its HTTP client takes 308 for a redirect.
        var override308 = call.Header("X-GUploader-No-308") == "yes";
        var reply = new ServerReply(override308 ? 200 : 308);
        if (override308)
        {
            reply.Headers["X-Http-Status-Code-Override"] = "308";
        }

        if (_persisted > 0)
        {
            reply.Headers["Range"] = $"bytes=0-{_persisted - 1}";
        }

        return reply;
    }

    private static ServerReply Refuse(string message)
    {
        var error = ServerErrors.Invalid(message);
        return new ServerReply(error.Status) { Json = error.Json, Close = true };
    }
}
