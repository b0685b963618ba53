using System.Text;

namespace Tabular.ModelCache.Requirements;

/// <summary>Splits options into words as Python's <c>shlex.split</c> does: POSIX quotes and escapes, no comments.</summary>
internal static class ShellWords
{
    /// <summary>Splits a text.</summary>
    /// <param name="text">The options.</param>
    /// <param name="offset">Where they stand in the line.</param>
    /// <returns>The words; <see langword="null"/> when a quote or an escape is not finished.</returns>
    public static IReadOnlyList<OptionWord>? TrySplit(string text, int offset)
    {
        var words = new List<OptionWord>();
        var word = new StringBuilder();
        var start = -1;
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                if (start >= 0)
                {
                    words.Add(new OptionWord(word.ToString(), start + offset));
                    word.Clear();
                    start = -1;
                }

                continue;
            }

            start = start < 0 ? at : start;
            if (c is '\'' or '"')
            {
                at = AppendQuoted(text, at, word);
                if (at < 0)
                {
                    return null;
                }
            }
            else if (c != '\\')
            {
                var end = PlainEnd(text, at);
                word.Append(text, at, end - at);
                at = end - 1;
            }
            else if (++at < text.Length)
            {
                word.Append(text[at]);
            }
            else
            {
                return null;
            }
        }

        if (start >= 0)
        {
            words.Add(new OptionWord(word.ToString(), start + offset));
        }

        return words;
    }

    private static int PlainEnd(string text, int start)
    {
        while (start < text.Length && text[start] is not (' ' or '\t' or '\r' or '\n' or '\'' or '"' or '\\'))
        {
            start++;
        }

        return start;
    }

    // Returns where the closing quote stands, or -1.
    private static int AppendQuoted(string text, int open, StringBuilder word)
    {
        var quote = text[open];
        for (var at = open + 1; at < text.Length; at++)
        {
            if (text[at] == quote)
            {
                return at;
            }

            // Within double quotes a backslash escapes only itself and the quote.
            if (quote == '"' && text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '"' or '\\')
            {
                at++;
            }

            word.Append(text[at]);
        }

        return -1;
    }
}
