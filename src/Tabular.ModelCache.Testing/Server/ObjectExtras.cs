namespace Tabular.ModelCache.Testing;

/// <summary>What the API keeps of an object beyond what a store keeps; it belongs to one generation and is lost with the server.</summary>
internal sealed record ObjectExtras(long Generation)
{
    public string? Md5Hash { get; init; }

    public string? StorageClass { get; init; }

    public string? ContentType { get; init; }

    public string? CacheControl { get; init; }

    public string? ContentEncoding { get; init; }

    public string? ContentDisposition { get; init; }

    public string? ContentLanguage { get; init; }

    public string? CustomTime { get; init; }

    public int? ComponentCount { get; init; }
}
