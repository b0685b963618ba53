using System.Text;

namespace Tabular.ModelCache.Requirements;

/// <summary>A line as pip sees it, joined from one or more of the file, and where each of its characters stands there.</summary>
internal sealed class LogicalLine
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _lines = [];
    private readonly List<int> _columns = [];

    public int Length => _text.Length;

    public string Text => _text.ToString();

    /// <summary>Where a character stands.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">From 0; behind the end, the last character is meant.</param>
    public SourcePosition Locate(string file, int offset)
    {
        var index = Math.Min(offset, _lines.Count - 1);
        return new SourcePosition(file, _lines[index], _columns[index]);
    }

    /// <summary>Adds a part of a line of the file.</summary>
    /// <param name="text">The part.</param>
    /// <param name="line">The number of the line, from 1.</param>
    /// <param name="column">The column of the first character, from 1.</param>
    public void Add(string text, int line, int column)
    {
        for (var i = 0; i < text.Length; i++)
        {
            Add(text[i], line, column + i);
        }
    }

    /// <summary>The part from <paramref name="start"/> to before <paramref name="end"/>, with no white space around it.</summary>
    public LogicalLine Cut(int start, int end)
    {
        var text = Text;
        while (start < end && PythonText.IsSpace(text[start]))
        {
            start++;
        }

        while (start < end && PythonText.IsSpace(text[end - 1]))
        {
            end--;
        }

        var result = new LogicalLine();
        for (var i = start; i < end; i++)
        {
            result.Add(text[i], _lines[i], _columns[i]);
        }

        return result;
    }

    /// <summary>The same with <c>${NAME}</c> replaced by the variables that are set and not empty; the characters of a value stand at its <c>$</c>.</summary>
    public LogicalLine Expand(Func<string, string?> variable)
    {
        var text = Text;
        var result = new LogicalLine();
        for (var at = 0; at < text.Length;)
        {
            if (VariableReference.At(text, at) is { } name && variable(name) is { Length: > 0 } value)
            {
                foreach (var character in value)
                {
                    result.Add(character, _lines[at], _columns[at]);
                }

                at += VariableReference.LengthOf(name);
            }
            else
            {
                result.Add(text[at], _lines[at], _columns[at]);
                at++;
            }
        }

        return result;
    }

    private void Add(char character, int line, int column)
    {
        _text.Append(character);
        _lines.Add(line);
        _columns.Add(column);
    }
}
