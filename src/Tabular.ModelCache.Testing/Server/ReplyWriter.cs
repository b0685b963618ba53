using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>Sends one answer, as it is or as its fault wants it.</summary>
internal sealed class ReplyWriter(ServerCall call, CloudStorageServerOptions options, Action<int, long> log)
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true };

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

    /// <summary>Fails as the fault says, whatever the answer would have been.</summary>
    public async Task FailAsync(CloudStorageFault fault)
    {
        if (fault.Stall)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, options.TimeProvider, call.Aborted).ConfigureAwait(false);
        }

        if (fault.Reset)
        {
            Log();
            call.Context.Abort();
            return;
        }

        var reply = ServerErrors.Create(fault.Status!.Value, fault.Reason, fault.Message, call.Route.IsXml);
        if (fault.RawBody is not null)
        {
            reply = new ServerReply(reply.Status) { Text = fault.RawBody, ContentType = "text/html; charset=UTF-8" };
        }

        if (fault.RetryAfter is { } wait)
        {
            reply.Headers["Retry-After"] = ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        await SendAsync(reply).ConfigureAwait(false);
    }

    public async Task WriteAsync(ServerReply reply)
    {
        if (call.Fault is { FailsAfter: true } late)
        {
            if (reply.Content is { } unused)
            {
                await unused.DisposeAsync().ConfigureAwait(false);
            }

            await FailAsync(late).ConfigureAwait(false);
            return;
        }

        await SendAsync(reply).ConfigureAwait(false);
    }

    private async Task SendAsync(ServerReply reply)
    {
        var response = call.Context.Response;
        _status = response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers[name] = call.Fault?.WrongChecksums == true && name == "X-Goog-Hash" ? "crc32c=AAAAAQ==" : value;
        }

        if (reply.Close)
        {
            response.Headers.Connection = "close";
        }

        if (reply.Content is { } content)
        {
            await using (content.ConfigureAwait(false))
            {
                response.ContentType = reply.ContentType;
                response.ContentLength = reply.ContentLength;
                await CopyAsync(content.Stream, reply.ContentLength).ConfigureAwait(false);
            }

            return;
        }

        var body = Body(reply);
        if (reply.Status is not (204 or 304))
        {
            response.ContentLength = reply.ContentLength ?? body.Length;
        }

        if (body.Length > 0)
        {
            response.ContentType = reply.ContentType;
            await CopyAsync(new MemoryStream(body), body.Length).ConfigureAwait(false);
        }

        Log();
    }

    private byte[] Body(ServerReply reply)
    {
        if (reply.Json is null)
        {
            return Encoding.UTF8.GetBytes(reply.Text ?? "");
        }

        var json = reply.Status < 300 && FieldMask.Parse(call.Query("fields")) is { } mask ? mask.Apply(reply.Json)! : reply.Json;
        if (call.Fault?.WrongChecksums == true && json is JsonObject document && document.ContainsKey("crc32c"))
        {
            document["crc32c"] = "AAAAAQ==";
        }

        return JsonSerializer.SerializeToUtf8Bytes(json, call.Query("prettyPrint") == "false" ? JsonSerializerOptions.Default : Pretty);
    }

    private async Task CopyAsync(Stream content, long? length)
    {
        var buffer = new byte[64 * 1024];
        var limit = call.Fault?.BodyLimit ?? long.MaxValue;
        while (true)
        {
            var read = _sent == limit
                ? 0
                : await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, limit - _sent)), call.Aborted).ConfigureAwait(false);
            if (read > 0)
            {
                _sent += read;
                if (_sent == length)
                {
                    Log();
                }

                await call.Context.Response.Body.WriteAsync(buffer.AsMemory(0, read), call.Aborted).ConfigureAwait(false);
                continue;
            }

            if (_sent == limit)
            {
                await call.Context.Response.Body.FlushAsync(call.Aborted).ConfigureAwait(false);
                Log();
                if (call.Fault!.Stall)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, options.TimeProvider, call.Aborted).ConfigureAwait(false);
                }

                call.Context.Abort();
            }

            return;
        }
    }
}
