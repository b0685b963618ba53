namespace Tabular.ModelCache.Requirements;

/// <summary>White space and lines as Python has them.</summary>
internal static class PythonText
{
    /// <summary>Whether <c>\s</c> matches it: also the four separators of ASCII.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>What <c>splitlines</c> gives: a line also ends at a form feed, at the separators of ASCII and at those of Unicode.</summary>
    public static IReadOnlyList<string> SplitLines(string text)
    {
        var lines = new List<string>();
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (!EndsLine(text[at]))
            {
                continue;
            }

            lines.Add(text[start..at]);
            at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 1 : 0;
            start = at + 1;
        }

        if (start < text.Length)
        {
            lines.Add(text[start..]);
        }

        return lines;
    }

    private static bool EndsLine(char c) =>
        (c < ' ' || c > '~') && c is '\n' or '\r' or '\v' or '\f' or (>= '\x1c' and <= '\x1e') or '\x85' or '\u2028' or '\u2029';
}
