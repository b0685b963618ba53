using Google.Apis.Http;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Which bucket to use, as whom, and how patiently.</summary>
internal sealed record GoogleCloudStoreOptions
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

    /// <summary>The credential; <see langword="null"/> takes application default credentials at the first request.</summary>
    public IConfigurableHttpClientInitializer? Credential { get; init; }

    /// <summary>
    /// Whether transient failures are retried. The lease turns it off: it settles doubt itself, and a retry hidden below it would
    /// answer "precondition failed" for its own success.
    /// </summary>
    public bool Retries { get; init; } = true;

    /// <summary>The requests for one call at the most, the first included.</summary>
    public int MaximumAttempts { get; init; } = 5;

    /// <summary>The bound of the first delay; it doubles up to <see cref="MaximumBackoff"/>. Google's strategy starts with one second.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaximumBackoff { get; init; } = TimeSpan.FromSeconds(32);

    /// <summary>How long one request about metadata may take, its answer included.</summary>
    public TimeSpan MetadataTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request that carries content up may take; 16 MiB in it need 140 KiB/s.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a download may yield nothing.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long no further attempt of one call is made.</summary>
    public TimeSpan TotalDeadline { get; init; } = TimeSpan.FromMinutes(5);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public Random Random { get; init; } = Random.Shared;

    /// <summary>Called with every request that goes out, retries included, before it does.</summary>
    public Action<StorageRequestEvent>? OnRequest { get; init; }
}
