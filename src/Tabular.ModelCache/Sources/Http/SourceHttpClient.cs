using System.Net;
using System.Net.Http.Headers;
using Polly;
using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>
/// GETs of sources. Attempts, waits and time limits up to the headers are those of the client's resilience handler; redirects are
/// followed here, because where they may lead and what they carry depends on the source.
/// </summary>
internal sealed class SourceHttpClient(IHttpClientFactory factory, SourceHttpTimings timings, ModelCacheClock clock, SourceErrors errors)
{
    private const int MostRedirects = 5;

    private readonly StallGuard _stall = new(timings.Stall, clock.Time);

    public SourceHttpTimings Timings => timings;

    public StallGuard Stall => _stall;

    public SourceBackoff CreateBackoff() => new(timings, clock);

    /// <summary>Reads a small document into memory.</summary>
    /// <param name="request">What to get.</param>
    /// <param name="limit">How many bytes it may have; a longer one is refused as soon as that is known.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ModelCacheException">The answer is no success, or no such document.</exception>
    public async Task<SourceDocument> GetAsync(SourceRequest request, int limit, CancellationToken cancellationToken) =>
        await GetAsync(request, limit, _ => false, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a small document into memory; answers without success that the caller wants to see come back without their body.</summary>
    /// <param name="request">What to get.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <param name="wants">Which statuses, other than success, are no error.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ModelCacheException">The answer is an error, or no such document.</exception>
    public async Task<SourceDocument> GetAsync(
        SourceRequest request, int limit, Func<HttpStatusCode, bool> wants, CancellationToken cancellationToken)
    {
        var backoff = CreateBackoff();
        while (true)
        {
            using var reply = await SendAsync(request, null, cancellationToken).ConfigureAwait(false);
            var response = reply.Response;
            var type = response.Content.Headers.ContentType?.MediaType;
            if (!response.IsSuccessStatusCode)
            {
                return wants(response.StatusCode)
                    ? new SourceDocument(response.StatusCode, type, response.Headers, [], reply.Uri)
                    : throw SourceErrors.Status(request, reply, timings);
            }

            CheckEntity(request, reply);
            try
            {
                var bytes = await ReadAsync(request, reply, limit, cancellationToken).ConfigureAwait(false);
                return new SourceDocument(response.StatusCode, type, response.Headers, bytes, reply.Uri);
            }
            catch (IOException e)
            {
                if (!await backoff.TryWaitAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw SourceErrors.New(
                        request, reply.Uri, $"broke off {backoff.Failures} times: {SourceErrors.Printable(e.Message).TrimEnd('.')}; try again later", e);
                }
            }
        }
    }

    /// <summary>Sends a GET and follows its redirects; the caller looks at the status and disposes the answer.</summary>
    /// <exception cref="ModelCacheException">No answer came, or a redirect leads where it may not.</exception>
    public async Task<SourceReply> SendAsync(SourceRequest request, Action<HttpRequestHeaders>? headers, CancellationToken cancellationToken)
    {
        var http = factory.CreateClient(SourceHttpRegistration.ClientName);
        var uri = request.Uri;
        var credential = request.Credential;
        var renewed = false;
        for (var redirects = 0; ;)
        {
            var sent = credential?.Current;
            var response = await SendOnceAsync(http, request, uri, sent, headers, cancellationToken).ConfigureAwait(false);
            var keep = false;
            try
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && credential is not null && !renewed &&
                    await credential.TryRenewAsync(response, sent, cancellationToken).ConfigureAwait(false))
                {
                    renewed = true;
                }
                else if (!IsRedirect(response.StatusCode))
                {
                    keep = true;
                    return new SourceReply(response, uri);
                }
                else if (redirects++ == MostRedirects)
                {
                    throw SourceErrors.New(request, uri, $"was redirected more than {MostRedirects} times; check the address");
                }
                else
                {
                    var target = FindTarget(request, uri, response);
                    credential = SourceOrigin.Same(uri, target) ? credential : null;
                    uri = target;
                }
            }
            finally
            {
                if (!keep)
                {
                    response.Dispose();
                }
            }
        }
    }

    /// <summary>Refuses a page that was made for people, and a body that is not the bytes themselves.</summary>
    public static void CheckEntity(SourceRequest request, SourceReply reply, bool mayBeHtml = false)
    {
        var content = reply.Response.Content.Headers;
        if (!mayBeHtml && content.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
        {
            throw SourceErrors.Html(request, reply.Uri);
        }

        if (content.ContentEncoding.FirstOrDefault(e => !e.Equals("identity", StringComparison.OrdinalIgnoreCase)) is { } encoding)
        {
            throw SourceErrors.New(
                request, reply.Uri, $"was answered in the encoding '{SourceErrors.Printable(encoding)}' although none was accepted; look at the proxies on the way");
        }
    }

    private static async Task<HttpResponseMessage> SendOnceAsync(
        HttpClient http,
        SourceRequest request,
        Uri uri,
        AuthenticationHeaderValue? authorization,
        Action<HttpRequestHeaders>? headers,
        CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, uri);
        message.Headers.Authorization = authorization;
        message.Headers.AcceptEncoding.ParseAdd("identity");
        if (request.Accept is not null)
        {
            message.Headers.Accept.ParseAdd(request.Accept);
        }

        headers?.Invoke(message.Headers);
        try
        {
            return await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or ExecutionRejectedException or OperationCanceledException or IOException)
        {
            throw SourceErrors.Failed(request, uri, e);
        }
    }

    private Uri FindTarget(SourceRequest request, Uri from, HttpResponseMessage response)
    {
        var location = response.Headers.Location;
        if (location is null || !Uri.TryCreate(from, location, out var target) || target.UserInfo.Length > 0 ||
            (target.Scheme != Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttp))
        {
            throw SourceErrors.New(
                request, from, $"was answered with {SourceErrors.Describe(response)} without an address to go on to; look at that server");
        }

        if (from.Scheme == Uri.UriSchemeHttps && target.Scheme == Uri.UriSchemeHttp && !target.IsLoopback)
        {
            throw SourceErrors.New(request, from, $"was redirected from https to http://{target.Authority}, which is not followed; look at that server");
        }

        return request.Hosts.Allows(target) ? target : throw errors.RedirectRefused(request, from, target);
    }

    private async Task<byte[]> ReadAsync(SourceRequest request, SourceReply reply, int limit, CancellationToken cancellationToken)
    {
        var length = reply.Response.Content.Headers.ContentLength;
        if (length > limit)
        {
            throw SourceErrors.TooLong(request, reply.Uri, length, limit);
        }

        using var all = new MemoryStream((int)(length ?? 0));
        var stream = await reply.Response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[Math.Min(limit + 1, 16 * 1024)];
            int read;
            while ((read = await _stall.ReadAsync(stream, buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (all.Length + read > limit)
                {
                    throw SourceErrors.TooLong(request, reply.Uri, null, limit);
                }

                all.Write(buffer.AsSpan(0, read));
            }
        }

        return all.ToArray();
    }

    private static bool IsRedirect(HttpStatusCode status) => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found
        or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
}
