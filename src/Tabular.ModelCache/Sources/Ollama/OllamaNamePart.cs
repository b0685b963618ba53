namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>Ollama's rules for one part of a name. Each part is a folder or a file of its store.</summary>
internal static class OllamaNamePart
{
    private const int MostCharacters = 80;
    private const int MostHostCharacters = 350;

    /// <returns>The rule that is broken, to be read after the part; <see langword="null"/> when there is none.</returns>
    public static string? FindProblem(string part, bool allowDots = true) =>
        FindProblem(part, MostCharacters, allowDots ? "-_." : "-_", allowDots ? "'-', '_' and '.'" : "'-' and '_'");

    public static string? FindHostProblem(string host) => FindProblem(host, MostHostCharacters, "-_.:", "'-', '_', '.' and ':'");

    private static string? FindProblem(string part, int most, string others, string othersText)
    {
        if (part.Length == 0)
        {
            return "is empty";
        }

        if (part.Length > most)
        {
            return $"is longer than {most} characters";
        }

        if (!char.IsAsciiLetterOrDigit(part[0]) && part[0] != '_')
        {
            return "does not begin with a letter, a digit or '_'";
        }

        return part.All(c => char.IsAsciiLetterOrDigit(c) || others.Contains(c, StringComparison.Ordinal))
            ? null
            : $"has a character other than letters, digits, {othersText}";
    }
}
