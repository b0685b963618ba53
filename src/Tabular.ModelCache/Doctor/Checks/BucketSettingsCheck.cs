namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>The settings of the bucket that make the cache fail or cost more.</summary>
internal sealed class BucketSettingsCheck : IDoctorCheck
{
    private const double SecondsPerDay = 86_400;

    public string Name => "bucket-settings";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(20);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if ((await context.GetBucketAsync().ConfigureAwait(false)).Value is not { } bucket)
        {
            return;
        }

        var update = $"gcloud storage buckets update gs://{context.BucketName}";
        if (bucket.RetentionPolicy is { RetentionPeriod: > 0 } retention)
        {
            findings.Error(
                "retention-policy-blocks-the-lease",
                $"gs://{context.BucketName} has a retention policy of {retention.RetentionPeriod / SecondsPerDay:0.##} days: manifest.json cannot be replaced and nothing can be deleted that is younger",
                $"{update} --clear-retention-period, or use another bucket if the policy is locked");
        }

        if (bucket.DefaultEventBasedHold)
        {
            findings.Error(
                "retention-policy-blocks-the-lease",
                $"gs://{context.BucketName} holds every new object (default event-based hold): manifest.json cannot be replaced and nothing can be deleted",
                $"{update} --no-default-event-based-hold, and release the holds of the objects that are there");
        }

        if (bucket.SoftDeletePolicy is { RetentionDurationSeconds: > 0 } soft)
        {
            findings.Warning(
                "soft-delete-keeps-copies",
                $"gs://{context.BucketName} keeps, and bills, deleted and replaced objects for {soft.RetentionDurationSeconds / SecondsPerDay:0.##} days more (soft delete): each pruned version and each staged part",
                $"{update} --clear-soft-delete");
        }

        // A bucket with a hierarchical namespace cannot have versions of objects.
        if (bucket.Versioning is not { Enabled: true } && bucket.HierarchicalNamespace is not { Enabled: true })
        {
            findings.Warning(
                "no-versioning",
                $"gs://{context.BucketName} keeps no older versions of objects: a manifest.json that was replaced or deleted by mistake cannot be restored",
                $"{update} --versioning (the library deletes by generation, so that nothing noncurrent of a model stays billed)");
        }
    }
}
