namespace Tabular.ModelCache.Testing;

/// <summary>Sends one answer, as it is or as its fault wants it; content is generated right into the buffers of the connection.</summary>
internal sealed class RegistryReplyWriter(RegistryCall call, ModelRegistryServerOptions options, Action<int, long> log)
{
    private const int ChunkSize = 128 * 1024;

    private int _status;
    private long _sent;
    private bool _logged;

    /// <summary>Logs the request, once, and before its client can know of the end: a log that is read next has it.</summary>
    public void Log()
    {
        if (!_logged)
        {
            _logged = true;
            log(_status, _sent);
        }
    }

    /// <summary>Lets the connection go, or holds it, without an answer.</summary>
    public async Task FailAsync(ModelRegistryFault fault)
    {
        if (fault.Stall)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, options.TimeProvider, call.Aborted).ConfigureAwait(false);
        }

        Log();
        call.Context.Abort();
    }

    public async Task WriteAsync(RegistryReply reply)
    {
        var window = Choose(reply);
        var response = call.Context.Response;
        _status = response.StatusCode = reply.Status == 200 ? window.Status : reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers[name] = value;
        }

        if (window.Status == 206)
        {
            response.Headers.ContentRange = $"bytes {window.Start}-{window.Start + window.Count - 1}/{reply.Content.Size}";
        }
        else if (window.Status == 416)
        {
            response.Headers.ContentRange = $"bytes */{reply.Content.Size}";
        }

        var limit = Math.Min(call.Fault?.BodyLimit ?? long.MaxValue, window.Count);
        response.ContentType = reply.ContentType;
        var hasBody = _status is not (204 or 304);
        response.ContentLength = !hasBody ? null : call.Fault is { DeclareLimit: true } ? limit : window.Count;
        foreach (var (name, value) in call.Fault?.Headers ?? new Dictionary<string, string>())
        {
            response.Headers[name] = value;
        }

        if (hasBody && !call.IsHead)
        {
            await SendAsync(reply.Content, window.Start, limit, isAll: limit == window.Count || call.Fault is { DeclareLimit: true })
                .ConfigureAwait(false);
        }

        Log();
    }

    private ByteWindow Choose(RegistryReply reply)
    {
        var whole = new ByteWindow(200, 0, reply.Content.Size);
        if (!reply.Ranged || call.IsHead || call.Fault is { IgnoreRange: true })
        {
            return whole;
        }

        // A condition that does not hold: the file is not the one that the client has the beginning of (RFC 9110, 13.1.5).
        return call.Header("If-Range") is { } condition && condition != reply.Headers["ETag"]
            ? whole
            : ByteWindow.From(call.Header("Range"), reply.Content.Size);
    }

    private async Task SendAsync(GeneratedContent content, long start, long count, bool isAll)
    {
        var writer = call.Context.Response.BodyWriter;
        await call.Context.Response.StartAsync(call.Aborted).ConfigureAwait(false);
        while (_sent < count)
        {
            var memory = writer.GetMemory(ChunkSize);
            var size = (int)Math.Min(memory.Length, count - _sent);
            Generate(content, start + _sent, memory.Span[..size]);
            writer.Advance(size);
            _sent += size;
            if (_sent == count && isAll)
            {
                Log();
            }

            var flushed = await writer.FlushAsync(call.Aborted).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                return;
            }
        }

        // Where the body just ends too early, the server closes the connection after it, because Content-Length was not kept.
        if (call.Fault is { BodyLimit: not null, Reset: true } or { BodyLimit: not null, Stall: true })
        {
            await FailAsync(call.Fault).ConfigureAwait(false);
        }
    }

    private void Generate(GeneratedContent content, long position, Span<byte> destination)
    {
        content.Read(position, destination);
        var wrong = (call.Fault?.CorruptAt ?? -1) - position;
        if (wrong >= 0 && wrong < destination.Length)
        {
            destination[(int)wrong] ^= 0x55;
        }
    }
}
