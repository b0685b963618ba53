using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether the bucket lies where the service runs: from elsewhere reads are slower, and are billed as traffic.</summary>
internal sealed class RegionCheck : IDoctorCheck
{
    // The pairs that have names of their own (https://cloud.google.com/storage/docs/locations#location-dr).
    private static readonly Dictionary<string, string[]> Pairs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NAM4"] = ["us-central1", "us-east1"],
        ["EUR4"] = ["europe-north1", "europe-west4"],
        ["ASIA1"] = ["asia-northeast1", "asia-northeast2"],
    };

    private static readonly Dictionary<string, string> Continents = new(StringComparer.OrdinalIgnoreCase)
    {
        ["US"] = "us-",
        ["EU"] = "europe-",
        ["ASIA"] = "asia-",
    };

    public string Name => "region";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(20);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if ((await context.GetBucketAsync().ConfigureAwait(false)).Value is not { Location: { } location } bucket)
        {
            return;
        }

        if (await context.Surroundings.Region(cancellationToken).ConfigureAwait(false) is not { } region)
        {
            findings.Note($"the region of this process is not known, so the location of the bucket ({location}) was not compared; {CloudRegion.Variable} can say it");
            return;
        }

        if (Contains(bucket, location, region) is not { } contains)
        {
            findings.Note($"whether the location {location} of the bucket contains {region} is not known");
        }
        else if (!contains)
        {
            findings.Warning(
                "region-mismatch",
                $"this process runs in {region}, but gs://{context.BucketName} lies in {location}: every cold start reads the models across regions",
                $"run the service in the location of the bucket, or create the bucket with --location={region} and sync into it");
        }
    }

    private static bool? Contains(BucketResource bucket, string location, string region)
    {
        if (bucket.CustomPlacementConfig?.DataLocations is { Count: > 0 } chosen)
        {
            return chosen.Contains(region, StringComparer.OrdinalIgnoreCase);
        }

        if (Pairs.TryGetValue(location, out var pair))
        {
            return pair.Contains(region, StringComparer.Ordinal);
        }

        if (Continents.TryGetValue(location, out var start))
        {
            return region.StartsWith(start, StringComparison.Ordinal);
        }

        return location.Contains('-', StringComparison.Ordinal) ? string.Equals(location, region, StringComparison.OrdinalIgnoreCase) : null;
    }
}
