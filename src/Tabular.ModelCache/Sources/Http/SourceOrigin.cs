namespace Tabular.ModelCache.Sources.Http;

/// <summary>Scheme, host and port: what a credential is bound to.</summary>
internal static class SourceOrigin
{
    public static bool Same(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && HostOf(one) is { } host &&
        string.Equals(host, HostOf(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>The host as it is looked up; <see langword="null"/> when it cannot be: <see cref="Uri"/> takes names that IDNA does not.</summary>
    public static string? HostOf(Uri uri)
    {
        try
        {
            return uri.IdnHost;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }
}
