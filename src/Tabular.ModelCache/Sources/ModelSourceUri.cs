namespace Tabular.ModelCache.Sources;

/// <summary>The outer form of source URIs: a scheme, <c>://</c>, and a rest that the source reads itself.</summary>
internal static class ModelSourceUri
{
    private const string Separator = "://";

    public static string? SchemeOf(string? uri)
    {
        var end = uri?.IndexOf(Separator, StringComparison.Ordinal) ?? -1;
        return end > 0 && end + Separator.Length < uri!.Length ? uri[..end] : null;
    }

    public static string RestOf(string uri) => uri[(uri.IndexOf(Separator, StringComparison.Ordinal) + Separator.Length)..];
}
