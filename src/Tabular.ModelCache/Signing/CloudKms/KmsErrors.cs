using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>Turns what Cloud KMS answers into one line that names the key, the permission, and the command that mends it.</summary>
internal sealed class KmsErrors(KmsKeyName key, KmsOptions options, Func<string?> account)
{
    public KmsFailure Translate(HttpResponseMessage response, ReadOnlyMemory<byte> body, KmsCall call)
    {
        var status = (int)response.StatusCode;
        var error = StorageErrorBody.Parse(body.Span);
        var found = error.Describe(status);
        var message = (status, error.Code) switch
        {
            (401, _) => $"was refused ({found}): the credentials are not accepted. {CredentialFailure.Login}",
            (403, _) when error.Message.Contains("has not been used in project", StringComparison.Ordinal) =>
                $"was refused ({found}). Run `gcloud services enable cloudkms.googleapis.com --project={key.Project}`.",
            (403, _) => $"was refused: {account() ?? "the caller"} lacks {call.Permission}, or the key does not exist ({found}). Run " +
                $"`gcloud kms keys add-iam-policy-binding {key.Key} {key.GcloudFlags} --member={StorageErrors.Member(account())} " +
                "--role=roles/cloudkms.signerVerifier`.",
            (404, _) => $"found no such key version ({found}). Correct {options.Setting}.",
            (400, "FAILED_PRECONDITION") => $"was refused: the key version is not ready for use ({found}). Run " +
                $"`gcloud kms keys versions enable {key.Version} --key={key.Key} {key.GcloudFlags}`, or name another one in {options.Setting}.",
            _ when StorageTransport.IsTransient(status) => $"got no answer from Cloud KMS ({found}).",
            _ => $"was refused by Cloud KMS ({found}).",
        };
        return new KmsFailure(message, StorageTransport.IsTransient(status)) { RetryAfter = response.Headers.RetryAfter?.Delta };
    }

    public KmsFailure NoToken(Exception cause)
    {
        var failure = CredentialFailure.Of(cause, account());
        return new KmsFailure($"could not be asked for: {failure.Text}", failure.IsTransient, cause);
    }

    public static KmsFailure Broken(Exception cause) => new($"got no whole answer: {cause.Message.TrimEnd('.')}.", MayRepeat: true, cause);

    public static KmsFailure TimedOut(TimeSpan limit, Exception cause) =>
        new($"got no answer within {limit.TotalSeconds:0.###} s.", MayRepeat: true, cause);

    // Google's advice for checksums that do not fit is to try again, a few times (https://cloud.google.com/kms/docs/data-integrity-guidelines).
    public static KmsFailure Unusable(FormatException cause) =>
        new($"got an answer that cannot be used: {cause.Message}.", MayRepeat: true, cause);

    public ModelCacheException GiveUp(KmsCall call, KmsFailure last, int attempts) => new(
        $"{key}: {call.Operation} {last.Message}{(attempts > 1 ? $" ({attempts} attempts)" : "")}", last.Cause);

    /// <summary>An answer that is in order and still not what was asked for.</summary>
    public ModelCacheException Wrong(KmsCall call, string message) => new($"{key}: {call.Operation} {message}");
}
