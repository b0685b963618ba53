namespace Tabular.ModelCache.Sources.Http;

/// <summary>The hosts to which the requests of one source may be redirected.</summary>
/// <param name="origin">The source's own host.</param>
/// <param name="others">Names of hosts, or <c>*.example.com</c> for all hosts below a domain.</param>
internal sealed class SourceHosts(string origin, IEnumerable<string> others)
{
    private readonly string[] _patterns = [.. others.Select(Normalize)];

    public bool Allows(Uri uri)
    {
        if (SourceOrigin.HostOf(uri) is not { } name)
        {
            return false;
        }

        var host = Normalize(name);
        return host == Normalize(origin) || _patterns.Any(pattern => Matches(pattern, host));
    }

    private static bool Matches(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.Length > pattern.Length - 1 && host.EndsWith(pattern[1..], StringComparison.Ordinal)
        : host == pattern;

    private static string Normalize(string host) => host.Trim().Trim('[', ']').TrimEnd('.').ToLowerInvariant();
}
