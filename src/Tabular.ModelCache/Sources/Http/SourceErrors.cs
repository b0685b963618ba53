using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>Says in one line what was asked of a source, what came, and what to do. No query of an address is in it: it may be a signature.</summary>
internal sealed class SourceErrors(SettingPath path)
{
    /// <summary>The setting that allows a redirect.</summary>
    public string AllowedHostsKey => path.Key("Sources:AllowedHosts");

    public static ModelCacheException New(SourceRequest request, Uri uri, string found, Exception? cause = null) =>
        new($"Cannot get {request.What}: GET {Show(uri)} {found}.", cause);

    /// <summary>For an answer whose status is no success, or is none that was asked for.</summary>
    public static ModelCacheException Status(SourceRequest request, SourceReply reply, SourceHttpTimings timings)
    {
        var response = reply.Response;
        var advice = request.Advise?.Invoke(response) ?? Advise(response, timings);
        return New(request, reply.Uri, $"was answered with {Describe(response)}; {advice}");
    }

    public static ModelCacheException Html(SourceRequest request, Uri uri) => New(
        request, uri, "was answered with an HTML page, as by a sign-in page or a proxy; check the address and what stands between this machine and that host");

    public static ModelCacheException TooLong(SourceRequest request, Uri uri, long? length, int limit) => New(
        request,
        uri,
        $"was answered with {(length is null ? "more" : string.Create(CultureInfo.InvariantCulture, $"{length} bytes"))} where at most {limit} bytes are allowed; " +
        "that is no such document: check the address");

    public static ModelCacheException Failed(SourceRequest request, Uri uri, Exception cause) =>
        New(request, uri, $"failed: {Explain(uri, cause)}", cause);

    public ModelCacheException RedirectRefused(SourceRequest request, Uri uri, Uri target) => New(
        request,
        uri,
        $"was redirected to the host '{Printable(SourceOrigin.HostOf(target) ?? target.Host)}', which is not one that this source may lead to; if it is to be trusted, add it to {AllowedHostsKey}");

    public static string Describe(HttpResponseMessage response) =>
        $"{(int)response.StatusCode} {Printable(response.ReasonPhrase ?? response.StatusCode.ToString())}".TrimEnd();

    /// <summary>An address as it may stand in a log.</summary>
    public static string Show(Uri uri) => Printable(uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped));

    /// <summary>Text of others, on one line and of bounded length.</summary>
    public static string Printable(string text, int most = 300) => string.Concat(text.Take(most).Select(c => char.IsControl(c) ? ' ' : c)).Trim();

    private static string Advise(HttpResponseMessage response, SourceHttpTimings timings) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => "a sign-in is wanted there: check the name of the model and the credentials of its source",
        HttpStatusCode.Forbidden => "access is refused: check the rights to it, and whether a proxy or firewall answers for that host",
        HttpStatusCode.NotFound or HttpStatusCode.Gone => "there is no such thing: check the source of the model, letter by letter",
        HttpStatusCode.ProxyAuthenticationRequired => "the proxy wants a sign-in: put user and password into HTTPS_PROXY",
        HttpStatusCode.TooManyRequests when RetryAfter.Of(response) is { } wait =>
            string.Create(CultureInfo.InvariantCulture, $"it asks to wait for {wait.TotalSeconds:0} s: try again after that"),
        HttpStatusCode.TooManyRequests => $"so it was for {timings.Attempts} attempts: try again later",
        HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError =>
            $"so it was for up to {timings.Attempts} attempts: try again later, or look at that server",
        _ => "that is no answer of such a source: check its address",
    };

    private static string Explain(Uri uri, Exception cause) => cause switch
    {
        TimeoutRejectedException or OperationCanceledException => "no answer came in time; check whether this machine may reach that host, also through its proxy",
        BrokenCircuitException => "too many requests to that host failed just before; try again later",
        HttpRequestException e => e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                $"the host '{uri.IdnHost}' has no address ({Innermost(e)}); check its name, and the name servers or the proxy of this machine",
            HttpRequestError.ConnectionError =>
                $"no connection ({Innermost(e)}); check whether '{uri.Authority}' is up and whether this machine may reach it, also through its proxy",
            HttpRequestError.SecureConnectionError =>
                $"TLS could not be agreed on ({Innermost(e)}); check the certificate of '{uri.IdnHost}', the clock and the trusted certificates of this machine",
            HttpRequestError.ProxyTunnelError => $"the proxy refused the connection ({Innermost(e)}); check HTTPS_PROXY and NO_PROXY",
            _ => $"the connection broke before an answer ({Innermost(e)}); try again later",
        },
        _ => $"the connection broke before an answer ({Innermost(cause)}); try again later",
    };

    /// <summary>The cause behind the others.</summary>
    public static string Innermost(Exception e)
    {
        var inner = e.GetBaseException();
        return Printable(inner is SocketException socket ? $"{socket.SocketErrorCode}: {socket.Message}" : inner.Message).TrimEnd('.');
    }
}
