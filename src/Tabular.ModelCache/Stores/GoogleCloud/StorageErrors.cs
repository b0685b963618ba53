using System.Text.RegularExpressions;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>
/// Turns what Cloud Storage answers into one line that names the bucket, the identity, and the command that mends it. The kind of the
/// error follows from the status and the reason; the text of a message only adds names to it.
/// </summary>
internal sealed partial class StorageErrors(GoogleCloudStoreOptions options, Func<string?> account)
{
    private readonly string _bucket = options.Bucket;

    public static ObjectStoreException GiveUp(ObjectStoreException last, int attempts, bool doubt)
    {
        if (attempts == 1 && doubt == last.OutcomeUnknown)
        {
            return last;
        }

        // A limit that was hit last says nothing about the attempts before it.
        var error = doubt ? ObjectStoreError.Unavailable : last.Error;
        var tries = attempts == 1 ? "" : $" ({attempts} attempts)";
        var unknown = doubt ? " Whether the change took effect is unknown." : "";
        return new ObjectStoreException(error, last.Message + tries + unknown, last.ObjectName, last.InnerException) { OutcomeUnknown = doubt };
    }

    /// <summary>An account as IAM names it, or a placeholder.</summary>
    public static string Member(string? who) => who switch
    {
        null => "serviceAccount:SERVICE_ACCOUNT",
        _ when who.EndsWith(".gserviceaccount.com", StringComparison.Ordinal) => "serviceAccount:" + who,
        _ => "user:" + who,
    };

    public ObjectStoreException Translate(StorageReply reply, StorageCall call)
    {
        var body = reply.Error;
        return reply.Status switch
        {
            304 => New(ObjectStoreError.NotModified, call, "is not modified (304)."),
            401 => Store(ObjectStoreError.Unauthenticated, $"{Describe(reply)}: the credentials{Of(account())} are not accepted. {CredentialFailure.Login}"),
            400 or 403 when IsRequesterPays(reply) => RequesterPays(reply),
            403 when body.Reason is "rateLimitExceeded" or "userRateLimitExceeded" or "quotaExceeded" or "dailyLimitExceeded" =>
                New(ObjectStoreError.RateLimited, call, $"was refused for its rate ({Describe(reply)})."),
            403 => Forbidden(reply, call),
            404 or 410 => New(ObjectStoreError.NotFound, call, "does not exist."),
            412 => New(ObjectStoreError.PreconditionFailed, call, $"is not in the state that was expected ({Describe(reply)})."),
            416 => New(ObjectStoreError.RangeNotSatisfiable, call, "ends before the range that was asked for."),
            429 => New(ObjectStoreError.RateLimited, call, $"was refused for its rate ({Describe(reply)}); Cloud Storage takes one change a second of one object."),
            408 or >= 500 => New(ObjectStoreError.Unavailable, call, $"got no answer from Cloud Storage ({Describe(reply)})."),
            _ => New(ObjectStoreError.InvalidRequest, call, $"was refused by Cloud Storage ({Describe(reply)})."),
        };
    }

    public ObjectStoreException BucketNotFound(string? reason = null) => Store(
        ObjectStoreError.StoreNotFound,
        $"the bucket does not exist{(string.IsNullOrEmpty(reason) ? "" : $" ({reason})")}. Correct ModelCache:Bucket, or run "
        + $"`gcloud storage buckets create gs://{_bucket} --uniform-bucket-level-access`.");

    public ObjectStoreException TimedOut(StorageCall call, TimeSpan limit, Exception cause) =>
        New(ObjectStoreError.Unavailable, call, $"got no answer within {limit.TotalSeconds:0.###} s.", cause, call.Mutates);

    public ObjectStoreException Broken(StorageCall call, Exception cause) =>
        New(ObjectStoreError.Unavailable, call, $"lost its connection: {cause.Message}", cause);

    public ObjectStoreException NoToken(Exception cause)
    {
        var failure = CredentialFailure.Of(cause, account());
        return new(failure.IsTransient ? ObjectStoreError.Unavailable : ObjectStoreError.Unauthenticated, $"gs://{_bucket}: {failure.Text}", null, cause);
    }

    public ObjectStoreException Malformed(StorageCall call, InvalidDataException cause) =>
        New(ObjectStoreError.Unavailable, call, $"got an answer that cannot be used: {cause.Message}.", cause, call.Mutates);

    public ObjectStoreException Corrupted(string name, string message) =>
        new(ObjectStoreError.Corrupted, $"gs://{_bucket}/{options.Prefix}{name} {message}", name);

    public ObjectStoreException New(
        ObjectStoreError error, StorageCall call, string message, Exception? cause = null, bool outcomeUnknown = false)
    {
        var subject = call.ObjectName is null ? $"gs://{_bucket}: {call.Operation}" : $"gs://{_bucket}/{options.Prefix}{call.ObjectName}";
        return new ObjectStoreException(error, $"{subject} {message}", call.ObjectName, cause) { OutcomeUnknown = outcomeUnknown };
    }

    private ObjectStoreException Forbidden(StorageReply reply, StorageCall call)
    {
        var match = DeniedPermission().Match(reply.Error.Message);
        var who = match.Groups["who"].Success ? match.Groups["who"].Value : account();
        var permission = match.Groups["permission"].Success ? match.Groups["permission"].Value : PermissionOf(call.Operation);
        if (match.Success || reply.Error.Reason is null or "forbidden")
        {
            var command = $"gcloud storage buckets add-iam-policy-binding gs://{_bucket} --member={Member(who)} --role={RoleFor(permission)}";
            return New(
                ObjectStoreError.PermissionDenied, call,
                $"was refused: {who ?? "the caller"} lacks {permission} ({Describe(reply)}). Run `{command}`.");
        }

        var hint = reply.Error.Reason switch
        {
            "insufficientPermissions" => $" The token lacks the scope {StorageHttpClient.Scope}.",
            "accountDisabled" => " Check the billing account of the bucket's project.",
            "retentionPolicyNotMet" => " The bucket has a retention policy, under which nothing can be replaced or deleted: use a bucket without one.",
            _ => "",
        };
        return New(ObjectStoreError.PermissionDenied, call, $"was refused ({Describe(reply)}).{hint}");
    }

    private bool IsRequesterPays(StorageReply reply) => reply.Error.Reason switch
    {
        "userProjectMissing" or "UserProjectMissing" or "userProjectAccessDenied" or "UserProjectAccessDenied"
            or "userProjectInvalid" or "UserProjectInvalid" => true,
        "required" or "invalid" or null => reply.Status == 400
            && (options.UserProject is null
                ? reply.Error.Message.Contains("requester pays", StringComparison.OrdinalIgnoreCase)
                : reply.Error.Message.Contains("user project", StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };

    private ObjectStoreException RequesterPays(StorageReply reply) => Store(
        options.UserProject is null ? ObjectStoreError.InvalidRequest : ObjectStoreError.PermissionDenied,
        options.UserProject is null
            ? $"the bucket's requests are paid by who makes them ({Describe(reply)}). Set ModelCache:UserProject to the project that pays."
            : $"the project '{options.UserProject}' cannot be billed ({Describe(reply)}). Correct ModelCache:UserProject, or run `gcloud projects "
            + $"add-iam-policy-binding {options.UserProject} --member={Member(account())} --role=roles/serviceusage.serviceUsageConsumer`.");

    private ObjectStoreException Store(ObjectStoreError error, string message) => new(error, $"gs://{_bucket}: {message}");

    private static string Describe(StorageReply reply) => reply.Error.Describe(reply.Status);

    private static string Of(string? who) => who is null ? "" : $" of {who}";

    private static string RoleFor(string permission) => permission switch
    {
        "storage.objects.get" or "storage.objects.list" => "roles/storage.objectViewer",
        "storage.buckets.get" => "roles/storage.legacyBucketReader",
        _ => "roles/storage.objectUser",
    };

    private static string PermissionOf(string operation) => operation switch
    {
        "storage.objects.get.media" => "storage.objects.get",
        "storage.objects.insert" or "storage.objects.insert.chunk" or "storage.objects.rewrite" => "storage.objects.create",
        "storage.objects.patch" => "storage.objects.update",
        _ => operation,
    };

    [GeneratedRegex(@"(?:^|\s)(?<who>[^\s@]+@[^\s@]+)? ?does not have (?<permission>[a-z]+\.[A-Za-z]+\.[A-Za-z]+) access")]
    private static partial Regex DeniedPermission();
}
