using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>
/// The anonymous token that registries of the Docker kind give to everybody for what is public. It lives for minutes, so that a long
/// pull renews it.
/// </summary>
internal sealed class RegistryToken(SourceHttpClient http, OllamaReference reference, SourceHosts hosts, SourceErrors errors) : SourceCredential
{
    public const int MaxBytes = 256 * 1024;

    private AuthenticationHeaderValue? _current;

    public override AuthenticationHeaderValue? Current => Volatile.Read(ref _current);

    public override async ValueTask<bool> TryRenewAsync(
        HttpResponseMessage refused, AuthenticationHeaderValue? sent, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(sent, Current))
        {
            // Another download renewed it meanwhile.
            return true;
        }

        if (RegistryChallenge.Find(refused.Headers) is not { } challenge)
        {
            return false;
        }

        var request = new SourceRequest(
            $"a token for {reference.ShortName}", challenge.TokenUri($"repository:{reference.Namespace}/{reference.Model}:pull"), hosts);
        if (!hosts.Allows(challenge.Realm))
        {
            throw SourceErrors.New(
                request,
                challenge.Realm,
                $"was not sent: the registry wants a sign-in at the host '{challenge.Realm.IdnHost}', which is not one that this source may lead to; " +
                $"if it is to be trusted, add it to {errors.AllowedHostsKey}");
        }

        if (challenge.Realm.Scheme == Uri.UriSchemeHttp && reference.Scheme == Uri.UriSchemeHttps && !challenge.Realm.IsLoopback)
        {
            throw SourceErrors.New(request, challenge.Realm, "was not sent: a registry with https wants a sign-in over http; look at that server");
        }

        // A server that gives nothing to everybody leaves the 401 of the registry as the error to tell.
        var document = await http.GetAsync(
            request,
            MaxBytes,
            status => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.BadRequest,
            cancellationToken).ConfigureAwait(false);
        if (!document.IsSuccess || Parse(request, document) is not { } token)
        {
            return false;
        }

        Volatile.Write(ref _current, new AuthenticationHeaderValue("Bearer", token));
        return true;
    }

    public static string? Parse(SourceRequest request, SourceDocument document)
    {
        try
        {
            var parsed = JsonSerializer.Deserialize(document.Bytes, OllamaJsonContext.Default.RegistryTokenDocument);
            var token = string.IsNullOrEmpty(parsed?.Token) ? parsed?.AccessToken : parsed.Token;
            return string.IsNullOrEmpty(token) || token.Any(c => c is <= ' ' or > '~') ? null : token;
        }
        catch (JsonException e)
        {
            throw SourceErrors.New(request, document.Uri, "was answered with something that is no token; look at that server", e);
        }
    }
}
