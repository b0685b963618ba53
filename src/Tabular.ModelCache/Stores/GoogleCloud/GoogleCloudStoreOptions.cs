namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Which bucket to use, as whom, and how patiently.</summary>
internal sealed record GoogleCloudStoreOptions : GoogleCallOptions
{
    private readonly string _prefix = "";

    public required string Bucket { get; init; }

    /// <summary>What every object's name starts with; empty, or ends in <c>/</c>, which is added where it is missing.</summary>
    public string Prefix
    {
        get => _prefix;
        init
        {
            var trimmed = value.Trim('/');
            if (trimmed.Length > 0 && ObjectName.FindProblem(trimmed) is { } problem)
            {
                throw new ArgumentException($"The prefix '{value}' {problem}. Correct ModelCache:Prefix.", nameof(value));
            }

            _prefix = trimmed.Length == 0 ? "" : trimmed + "/";
        }
    }

    /// <summary>The project that pays for requests to a requester-pays bucket.</summary>
    public string? UserProject { get; init; }

    public StorageEndpoint Endpoint { get; init; } = StorageEndpoint.FromEnvironment();

    public override bool IsAnonymous => Endpoint.IsEmulator;

    /// <summary>How long one request about metadata may take, its answer included.</summary>
    public TimeSpan MetadataTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request that carries content up may take; 16 MiB in it need 140 KiB/s.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a download may yield nothing.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Called with every request that goes out, retries included, before it does.</summary>
    public Action<StorageRequestEvent>? OnRequest { get; init; }
}
