using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Operations;

/// <summary>What the settings of a bucket keep, and bill, although it was deleted.</summary>
internal sealed class BillingAfterDeletion(ModelCachePlaces places, ModelCacheClock clock)
{
    private const double SecondsPerDay = 86_400;

    // The pruning is done by then: nobody waits long for a remark.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="bytes">How much is, or would be, deleted.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <returns>One line for each setting that matters; a single one that says so when the settings could not be read.</returns>
    public async Task<IReadOnlyList<string>> DescribeAsync(long bytes, CancellationToken cancellationToken)
    {
        if (places.LeaseStore is not GoogleCloudObjectStore bucket)
        {
            return [];
        }

        using var deadline = new CancellationTokenSource(Patience, clock.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return Describe(bucket.DisplayName, await bucket.GetBucketAsync(linked.Token).ConfigureAwait(false), bytes);
        }
        catch (ObjectStoreException e)
        {
            return [$"what stays billed is unknown, because the settings of the bucket could not be read: {e.Message}"];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [$"what stays billed is unknown, because {bucket.DisplayName} did not tell its settings within {Patience.TotalSeconds:0} s"];
        }
    }

    private static List<string> Describe(string name, BucketResource bucket, long bytes)
    {
        var lines = new List<string>();
        if (bucket.SoftDeletePolicy is { RetentionDurationSeconds: > 0 } soft)
        {
            lines.Add(
                $"{name} has soft delete: what is deleted ({bytes} bytes here), and each replaced manifest.json, is kept and billed for " +
                $"{soft.RetentionDurationSeconds / SecondsPerDay:0.##} days more");
        }

        if (bucket.Versioning is { Enabled: true })
        {
            lines.Add(
                $"{name} has object versioning: versions of models are deleted with their generation and leave nothing noncurrent; " +
                "replaced generations of manifest.json and of leases stay billed until a lifecycle rule deletes them");
        }

        if (bucket.RetentionPolicy is { RetentionPeriod: > 0 } retention)
        {
            lines.Add($"{name} has a retention policy: nothing younger than {retention.RetentionPeriod / SecondsPerDay:0.##} days can be deleted, and it stays billed");
        }

        return lines;
    }
}
