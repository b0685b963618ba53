using Google.Apis.Http;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>As whom a service of Google is called, and how patiently.</summary>
internal abstract record GoogleCallOptions
{
    /// <summary>Whether requests carry no credential, because a server on this machine stands in for Google.</summary>
    public abstract bool IsAnonymous { get; }

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

    /// <summary>After how long no further attempt of one call is made.</summary>
    public TimeSpan TotalDeadline { get; init; } = TimeSpan.FromMinutes(5);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public Random Random { get; init; } = Random.Shared;
}
