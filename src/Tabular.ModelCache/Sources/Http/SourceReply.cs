namespace Tabular.ModelCache.Sources.Http;

/// <summary>The answer at the end of all redirects, its body unread.</summary>
internal sealed class SourceReply(HttpResponseMessage response, Uri uri) : IDisposable
{
    public HttpResponseMessage Response { get; } = response;

    /// <summary>Gets where the answer came from. Its query may be a secret.</summary>
    public Uri Uri { get; } = uri;

    public void Dispose() => Response.Dispose();
}
