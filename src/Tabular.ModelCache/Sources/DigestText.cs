namespace Tabular.ModelCache.Sources;

/// <summary>Compares digests as people and sources write them: with or without <c>sha256:</c>, in either letter case.</summary>
internal static class DigestText
{
    private const string Sha256 = "sha256:";
    private const char Separator = ';';

    public static bool Same(string one, string other) =>
        string.Equals(Bare(one), Bare(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a version of a digest is one that a pin wants. A source may append to its digest what else decided about the files, after a
    /// semicolon; a pin without one wants the upstream state, whatever was chosen from it.
    /// </summary>
    public static bool Satisfies(string pin, string digest) =>
        Same(pin, pin.Contains(Separator, StringComparison.Ordinal) ? digest : WithoutChoice(digest));

    /// <summary>The upstream state alone, as a pin names it: without what the source has appended about the files chosen from it.</summary>
    public static string WithoutChoice(string digest) => digest.Split(Separator, 2)[0];

    private static string Bare(string digest)
    {
        digest = digest.Trim();
        return digest.StartsWith(Sha256, StringComparison.OrdinalIgnoreCase) ? digest[Sha256.Length..] : digest;
    }
}
