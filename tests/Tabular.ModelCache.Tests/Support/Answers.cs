using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>Answers of a <see cref="ScriptedServer"/>.</summary>
internal static class Answers
{
    public static RequestDelegate Status(int status, params (string Name, string Value)[] headers) => context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        return Task.CompletedTask;
    };

    public static RequestDelegate Redirect(string location, int status = StatusCodes.Status307TemporaryRedirect) => Status(status, ("Location", location));

    public static RequestDelegate Body(byte[] content, string mediaType = "application/octet-stream", params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.ContentType = mediaType;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content);
    };

    /// <summary>A file as a server with ranges gives it.</summary>
    /// <param name="content">The file.</param>
    /// <param name="tag">Its entity tag.</param>
    /// <param name="breakAfter">After how many bytes the connection ends, in good order but short of what was announced.</param>
    /// <param name="hold">What is awaited there; after it the connection is reset, which also discards what the client has not read yet.</param>
    public static RequestDelegate File(byte[] content, string? tag = null, int? breakAfter = null, Func<HttpContext, Task>? hold = null) => async context =>
    {
        var response = context.Response;
        var part = content.AsMemory();
        if (RangeHeaderValue.TryParse(context.Request.Headers.Range, out var range))
        {
            var (from, to) = ((int)range.Ranges.Single().From!, (int)range.Ranges.Single().To!);
            if (from >= content.Length)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                return;
            }

            part = content.AsMemory(from..Math.Min(to + 1, content.Length));
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{from + part.Length - 1}/{content.Length}");
        }

        if (tag is not null)
        {
            response.Headers.ETag = tag;
        }

        response.ContentLength = part.Length;
        var sent = Math.Min(part.Length, breakAfter ?? part.Length);
        await response.Body.WriteAsync(part[..sent]);
        if (sent < part.Length && hold is not null)
        {
            await response.Body.FlushAsync();
            await hold(context);
            context.Abort();
        }
    };

    /// <summary>A file as a server without ranges gives it.</summary>
    public static RequestDelegate WholeFile(byte[] content, int? breakAfter = null) => async context =>
    {
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content.AsMemory(0, breakAfter ?? content.Length));
    };

    /// <summary>Writes for ever, unless the client goes.</summary>
    public static RequestDelegate Endless(long? announced, Action<long> written) => async context =>
    {
        context.Response.ContentLength = announced;
        var block = new byte[64 * 1024];
        for (var total = 0L; total < (announced ?? long.MaxValue) && !context.RequestAborted.IsCancellationRequested; total += block.Length)
        {
            await context.Response.Body.WriteAsync(block, context.RequestAborted);
            written(total + block.Length);
        }
    };

    /// <summary>Stays silent until the client goes.</summary>
    public static async Task UntilAborted(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }
}
