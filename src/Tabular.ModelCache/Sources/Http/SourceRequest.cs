namespace Tabular.ModelCache.Sources.Http;

/// <summary>A GET of a source.</summary>
/// <param name="What">What it is for, as it stands in messages: <c>the manifest of llama3.2:1b</c>.</param>
/// <param name="Uri">Where it begins.</param>
/// <param name="Hosts">Where it may lead.</param>
internal sealed record SourceRequest(string What, Uri Uri, SourceHosts Hosts)
{
    public string? Accept { get; init; }

    public SourceCredential? Credential { get; init; }

    /// <summary>What to do about an answer that is no success; <see langword="null"/> from it leaves that to the common advice.</summary>
    /// <value>Gets the status and the headers; returns words that follow a semicolon, without a full stop.</value>
    public Func<HttpResponseMessage, string?>? Advise { get; init; }
}
