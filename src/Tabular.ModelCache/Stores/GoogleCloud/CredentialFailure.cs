using System.Text;
using Google.Apis.Auth.OAuth2.Responses;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Why no access token could be had, told before a request was sent.</summary>
/// <param name="IsTransient">Whether trying again may help: a metadata or token server that does not answer.</param>
/// <param name="Text">One line.</param>
internal sealed record CredentialFailure(bool IsTransient, string Text)
{
    public const string Login = "Run `gcloud auth application-default login`, or run the service under a service account.";

    /// <summary>Whether this is what Google.Apis.Auth throws where no token can be had: no credentials at all, a token endpoint that refuses, an unreadable key.</summary>
    public static bool IsOne(Exception e) =>
        e is InvalidOperationException or TokenResponseException or HttpRequestException or IOException or UnauthorizedAccessException
            or ArgumentException or Newtonsoft.Json.JsonException;

    public static CredentialFailure Of(Exception cause, string? account)
    {
        // Where nothing is configured, Google.Apis.Auth throws InvalidOperationException; a metadata or token server that does not answer, HTTP errors.
        var transient = cause is HttpRequestException or IOException and not FileNotFoundException and not DirectoryNotFoundException
            || cause is TokenResponseException { StatusCode: { } status } && StorageTransport.IsTransient((int)status);
        var detail = StorageErrorBody.Parse(Encoding.UTF8.GetBytes(cause.Message)).Message;
        return new CredentialFailure(
            transient,
            transient
                ? $"no access token could be had{(account is null ? "" : $" of {account}")}: {detail}"
                : $"there are no usable Google credentials: {detail} {Login}");
    }
}
