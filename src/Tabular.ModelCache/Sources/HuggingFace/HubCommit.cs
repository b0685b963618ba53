namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>Commits and blob ids of git: 40 lower-case hex digits.</summary>
internal static class HubCommit
{
    public const int Length = 40;

    public static bool IsValid(string? text) => text is { Length: Length } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>A commit that a person wrote, in either letter case; <see langword="null"/> when it is none.</summary>
    public static string? Normalize(string text)
    {
        var lower = text.ToLowerInvariant();
        return IsValid(lower) ? lower : null;
    }
}
