using System.Net.Http.Headers;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>One request of the JSON API, described so that it can be sent again.</summary>
/// <param name="Operation">The method's name in the API: <c>storage.objects.get</c>.</param>
/// <param name="Method">The verb.</param>
/// <param name="Uri">The address with its query.</param>
internal sealed record StorageCall(string Operation, HttpMethod Method, Uri Uri)
{
    /// <summary>The largest answer that is read: a page of a listing is the largest of all.</summary>
    public const int MaximumAnswer = 8 * 1024 * 1024;

    public static readonly HttpRequestOptionsKey<StorageCall> Key = new("Tabular.ModelCache.StorageCall");

    /// <summary>The object, for messages and logs, as the caller names it.</summary>
    public string? ObjectName { get; init; }

    /// <summary>Makes the body; called for each attempt.</summary>
    public Func<HttpContent>? Content { get; init; }

    public Action<HttpRequestHeaders>? Headers { get; init; }

    /// <summary>Whether an attempt whose answer was lost may have changed something.</summary>
    public bool Mutates { get; init; }

    /// <summary>Whether sending it twice leaves the state that sending it once does; reads always, changes with a precondition.</summary>
    public bool IsIdempotent { get; init; } = true;

    /// <summary>Whether a successful answer is content, which the caller reads from the open response.</summary>
    public bool ReadsMedia { get; init; }

    /// <summary>How long one attempt may take; <see langword="null"/> for the timeout of metadata requests.</summary>
    public TimeSpan? Timeout { get; init; }

    public HttpRequestMessage CreateRequest()
    {
        // A change always has a body, be it empty: SocketsHttpHandler sends a request without one a second time, unseen, when a used
        // connection is closed before its answer, and the second answer to a change that took effect is "not found".
        var request = new HttpRequestMessage(Method, Uri) { Content = Content?.Invoke() ?? (Mutates ? new ByteArrayContent([]) : null) };
        Headers?.Invoke(request.Headers);
        request.Options.Set(Key, this);
        return request;
    }
}
