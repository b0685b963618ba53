namespace Tabular.ModelCache.Sources.Http;

/// <summary>Scheme, host and port: what a credential is bound to.</summary>
internal static class SourceOrigin
{
    public static bool Same(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.Port == other.Port && string.Equals(one.IdnHost, other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
