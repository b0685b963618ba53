namespace Tabular.ModelCache.Requirements;

/// <summary>Makes pip's lines of a text: joined at backslashes, then without comments, then with variables.</summary>
internal static class LogicalLines
{
    private const char Continuation = '\\';

    public static IEnumerable<LogicalLine> Read(string text, Func<string, string?> variable)
    {
        foreach (var joined in Join(text))
        {
            var line = joined.Cut(0, CommentStart(joined.Text));
            if (line.Length > 0)
            {
                yield return line.Expand(variable);
            }
        }
    }

    private static IEnumerable<LogicalLine> Join(string text)
    {
        var number = 0;
        LogicalLine? open = null;
        foreach (var line in PythonText.SplitLines(text))
        {
            number++;
            var joined = open ?? new LogicalLine();

            // A comment is no continuation, and ends one; the space keeps it a comment when it is joined.
            if (CommentStart(line) == 0)
            {
                joined.Add(" ", number, 1);
                joined.Add(line, number, 1);
                open = null;
                yield return joined;
            }
            else if (line is [.., Continuation])
            {
                // pip takes away the backslashes at both ends.
                var part = line.TrimStart(Continuation);
                joined.Add(part.TrimEnd(Continuation), number, 1 + line.Length - part.Length);
                open = joined;
            }
            else
            {
                joined.Add(line, number, 1);
                open = null;
                yield return joined;
            }
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    // Where a comment starts, with the white space before it; the length where there is none.
    private static int CommentStart(string text)
    {
        for (var at = text.IndexOf('#'); at >= 0; at = text.IndexOf('#', at + 1))
        {
            if (at == 0 || PythonText.IsSpace(text[at - 1]))
            {
                while (at > 0 && PythonText.IsSpace(text[at - 1]))
                {
                    at--;
                }

                return at;
            }
        }

        return text.Length;
    }
}
