using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>A <c>WWW-Authenticate: Bearer realm="...",service="...",scope="..."</c> of a registry.</summary>
internal sealed partial record RegistryChallenge(Uri Realm, string? Service, string? Scope)
{
    /// <returns><see langword="null"/> when the answer has no such challenge.</returns>
    public static RegistryChallenge? Find(HttpResponseHeaders headers)
    {
        foreach (var challenge in headers.WwwAuthenticate)
        {
            if (challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) && challenge.Parameter is { } text)
            {
                var parameters = Parameters().Matches(text)
                    .GroupBy(m => m.Groups["name"].Value, StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(g => g.Key, g => g.First().Groups["value"].Value, StringComparer.OrdinalIgnoreCase);
                if (Uri.TryCreate(parameters.GetValueOrDefault("realm"), UriKind.Absolute, out var realm) && realm.Scheme is "http" or "https" &&
                    SourceOrigin.HostOf(realm) is not null)
                {
                    return new RegistryChallenge(realm, parameters.GetValueOrDefault("service"), parameters.GetValueOrDefault("scope"));
                }
            }
        }

        return null;
    }

    /// <summary>Gets where a token is had, with the query that the registry asks for.</summary>
    public Uri TokenUri(string defaultScope)
    {
        var query = $"scope={Uri.EscapeDataString(Scope ?? defaultScope)}";
        if (Service is not null)
        {
            query = $"service={Uri.EscapeDataString(Service)}&{query}";
        }

        return new UriBuilder(Realm) { Query = Realm.Query.Length > 1 ? $"{Realm.Query[1..]}&{query}" : query, Fragment = "" }.Uri;
    }

    [GeneratedRegex("""(?<name>[A-Za-z_]+)\s*=\s*"(?<value>[^"]*)"[\s,]*""", RegexOptions.CultureInvariant)]
    private static partial Regex Parameters();
}
