using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>Where a key is, as whom it is used, and how patiently.</summary>
internal sealed record KmsOptions : GoogleCallOptions
{
    // A publisher waits for it under its lease, so much less than an upload gets.
    public KmsOptions() => TotalDeadline = TimeSpan.FromMinutes(1);

    public KmsEndpoint Endpoint { get; init; } = KmsEndpoint.Parse(null);

    /// <summary>What names the key, for messages: a setting or an option of the command line.</summary>
    public required string Setting { get; init; }

    /// <summary>How long one request may take, its answer included; a signature takes some 100 ms.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public override bool IsAnonymous => Endpoint.IsLocal;
}
