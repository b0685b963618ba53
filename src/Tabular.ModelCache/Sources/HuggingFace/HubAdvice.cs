using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>
/// What to do about an answer of the Hub that is no success. Its own words are in the headers <c>X-Error-Code</c> and
/// <c>X-Error-Message</c> (huggingface_hub, <c>utils/_http.py</c>, <c>hf_raise_for_status</c>).
/// </summary>
internal sealed partial class HubAdvice(HubReference reference, string page, bool hasToken, string tokenKey)
{
    private string SignIn => hasToken
        ? $"the token (HF_TOKEN or {tokenKey}) must be valid and of an account that may read it"
        : $"set a token of an account that may read it: HF_TOKEN or {tokenKey}";

    /// <returns>Words that follow a semicolon; <see langword="null"/> when the status says all.</returns>
    public string? For(HttpResponseMessage response)
    {
        var said = Header(response, "X-Error-Message") is { } message ? $" (it says: {message.TrimEnd('.')})" : "";
        var advice = Header(response, "X-Error-Code") switch
        {
            "GatedRepo" => $"the repository is gated: accept its conditions at {page}, and {SignIn}",
            "RevisionNotFound" => $"the repository has no revision '{reference.Revision}', or not the commit that is pinned: check what stands behind '@', and the digest",
            "EntryNotFound" => "the repository lists that file, but does not have it: try again later",
            "RepoNotFound" => NotFound,
            _ => For(response.StatusCode),
        };
        advice ??= response.StatusCode == HttpStatusCode.TooManyRequests && Wait(response) is { } wait ? wait : null;
        return advice is null ? null : advice + said;
    }

    private string NotFound =>
        $"there is no repository '{reference.Id}', or it is private, which the Hub tells only those who may read it: check the name; if it is private, {SignIn}";

    // Without a code the Hub answers 401 for a missing, a private and a gated repository alike.
    private string? For(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized when hasToken => $"{NotFound}; a token that has expired is refused in the same way",
        HttpStatusCode.Unauthorized => $"{NotFound}; if it is gated, accept its conditions at {page}",
        HttpStatusCode.Forbidden => $"access is refused: if the repository is gated, accept its conditions at {page}; {SignIn}",
        HttpStatusCode.NotFound => $"repository '{reference.Id}' or its revision '{reference.Revision}' is not there, or private: check both; if it is private, {SignIn}",
        _ => null,
    };

    /// <summary>The Hub tells the wait in <c>RateLimit: "api";r=0;t=55</c>, and not always in <c>Retry-After</c>.</summary>
    private string? Wait(HttpResponseMessage response) => Header(response, "RateLimit") is { } limit && Seconds().Match(limit) is { Success: true } match
        ? string.Create(CultureInfo.InvariantCulture, $"its rate limit is used up: try again in {match.Groups[1].Value} s") +
            (hasToken ? "" : $"; with a token (HF_TOKEN or {tokenKey}) it is higher")
        : null;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && SourceErrors.Printable(string.Join(", ", values)) is { Length: > 0 } text ? text : null;

    [GeneratedRegex(@";\s*t=([0-9]{1,9})\b", RegexOptions.CultureInvariant)]
    private static partial Regex Seconds();
}
