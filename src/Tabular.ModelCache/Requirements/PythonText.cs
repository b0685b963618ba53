namespace Tabular.ModelCache.Requirements;

/// <summary>White space and lines as Python has them.</summary>
internal static class PythonText
{
    /// <summary>Whether <c>\s</c> matches it: also the four separators of ASCII.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>What <c>splitlines</c> gives: a line also ends at a form feed, at the separators of ASCII and at those of Unicode.</summary>
    public static IEnumerable<string> SplitLines(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is not ('\n' or '\r' or '\v' or '\f' or (>= '\x1c' and <= '\x1e') or '\x85' or '\u2028' or '\u2029'))
            {
                continue;
            }

            yield return text[start..at];
            if (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
            {
                at++;
            }

            start = at + 1;
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }
}
