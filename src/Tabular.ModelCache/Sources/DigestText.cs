namespace Tabular.ModelCache.Sources;

/// <summary>Compares digests as people and sources write them: with or without <c>sha256:</c>, in either letter case.</summary>
internal static class DigestText
{
    private const string Sha256 = "sha256:";

    public static bool Same(string one, string other) =>
        string.Equals(Bare(one), Bare(other), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string digest)
    {
        digest = digest.Trim();
        return digest.StartsWith(Sha256, StringComparison.OrdinalIgnoreCase) ? digest[Sha256.Length..] : digest;
    }
}
