using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether the store answers, and lets this account do what it has to.</summary>
internal sealed class BucketCheck : IDoctorCheck
{
    public string Name => "bucket";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(45);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if (!context.HasSeparateStore)
        {
            return;
        }

        var manifest = await context.ReadStoredManifestAsync().ConfigureAwait(false);
        var bucket = await context.GetBucketAsync().ConfigureAwait(false);
        var permissions = await context.GetPermissionsAsync().ConfigureAwait(false);
        Exception?[] failures = [manifest.Failure, permissions.Failure, bucket.Failure];
        if (failures.FirstOrDefault(f => f is TimeoutException or ObjectStoreException { Error: not ObjectStoreError.PermissionDenied }) is { } failure)
        {
            findings.Error(
                "bucket-unreachable",
                failure is TimeoutException ? $"{context.Store!.DisplayName}: {failure.Message}" : failure.Message,
                FixOf(failure, context));
            return;
        }

        var granted = permissions.Value?.Granted;
        if (granted is null)
        {
            findings.Note("the permissions could not be asked for: the store is not a bucket of Cloud Storage, or refuses the question");
        }

        FindMissing(context, findings, granted, manifest.Failure as ObjectStoreException, bucket.Failure as ObjectStoreException);
    }

    private static void FindMissing(
        DoctorContext context, DoctorFindings findings, IReadOnlySet<string>? granted, ObjectStoreException? reading, ObjectStoreException? looking)
    {
        var needed = DoctorContext.ReadPermissions.Concat(context.MayPull ? DoctorContext.WritePermissions : []);

        // What was read proves more than the answer: a role on a managed folder does not show in it.
        var missing = granted is null ? [] : needed.Where(p => !granted.Contains(p)).ToList();
        if (missing.Count > 0 || reading is not null)
        {
            var role = missing.Exists(p => DoctorContext.WritePermissions.Contains(p)) ? "roles/storage.objectUser" : "roles/storage.objectViewer";
            findings.Error(
                "missing-permission",
                missing.Count > 0
                    ? $"the account lacks {string.Join(", ", missing)} on gs://{context.BucketName} (a role on a managed folder alone does not show here)"
                    : reading!.Message,
                $"gcloud storage buckets add-iam-policy-binding gs://{context.BucketName} --member=serviceAccount:SERVICE_ACCOUNT --role={role}" +
                (role.EndsWith("User", StringComparison.Ordinal) ? $", or set {context.Path.Key("PullWhenStale")} to false" : ""));
        }

        if (looking is not null || granted?.Contains(DoctorContext.BucketPermission) == false)
        {
            findings.Warning(
                "missing-permission",
                $"the account lacks {DoctorContext.BucketPermission} on gs://{context.BucketName}: serving and pulling do not need it, but the settings of the bucket were not looked at",
                $"run the doctor under an account that has it, or gcloud storage buckets add-iam-policy-binding gs://{context.BucketName} " +
                "--member=serviceAccount:SERVICE_ACCOUNT --role=roles/storage.legacyBucketReader");
        }
    }

    private static string FixOf(Exception failure, DoctorContext context) => failure switch
    {
        ObjectStoreException { Error: ObjectStoreError.StoreNotFound } =>
            $"correct {context.Path.Key("Bucket")}, or gcloud storage buckets create gs://{context.BucketName} --uniform-bucket-level-access",
        ObjectStoreException { Error: ObjectStoreError.Unauthenticated } =>
            "run under a service account, or gcloud auth application-default login",
        ObjectStoreException { Error: ObjectStoreError.InvalidRequest } =>
            $"correct what the message names; for a bucket whose requests the caller pays, set {context.Path.Key("UserProject")}",
        _ => "check the network of the instance: egress, proxy, DNS of storage.googleapis.com, and STORAGE_EMULATOR_HOST, which must be unset in production",
    };
}
