namespace Tabular.ModelCache.Testing;

/// <summary>A request to a <see cref="ModelRegistryServer"/>.</summary>
public sealed record ModelRegistryRequest
{
    /// <summary>Gets the number of the request, from 1.</summary>
    public long Sequence { get; init; }

    /// <summary>Gets the HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets what is asked for.</summary>
    /// <value><c>ollama.manifest</c>, <c>ollama.blob</c>, <c>hub.model</c>, <c>hub.tree</c>, <c>hub.resolve</c>, <c>cdn</c> (a signed address), or <c>unknown</c>.</value>
    public required string Operation { get; init; }

    /// <summary>Gets the path and the query, escaped as they were sent.</summary>
    public required string Target { get; init; }

    /// <summary>Gets the model, such as <c>library/llama3.2</c> or <c>BAAI/bge-m3</c>.</summary>
    /// <value><see langword="null"/> for a signed address.</value>
    public string? Model { get; init; }

    /// <summary>Gets the tag, digest, branch or commit that the request names.</summary>
    public string? Reference { get; init; }

    /// <summary>Gets the path of the file.</summary>
    /// <value>For a signed address, that of the file it was given out for. <see langword="null"/> where no file is named.</value>
    public string? File { get; init; }

    /// <summary>Gets the <c>Range</c> header.</summary>
    public string? Range { get; init; }

    /// <summary>Gets whether there is an <c>Authorization</c> header.</summary>
    public bool HasAuthorization { get; init; }

    /// <summary>Gets the <c>User-Agent</c> header.</summary>
    public string? UserAgent { get; init; }
}
