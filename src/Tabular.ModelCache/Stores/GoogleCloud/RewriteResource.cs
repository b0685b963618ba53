namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>One answer of a rewrite, which takes as many requests as the server wants.</summary>
internal sealed class RewriteResource
{
    public bool Done { get; init; }

    public string? RewriteToken { get; init; }

    public ObjectResource? Resource { get; init; }
}
