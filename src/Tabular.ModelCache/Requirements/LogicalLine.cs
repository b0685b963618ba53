using System.Text;

namespace Tabular.ModelCache.Requirements;

/// <summary>A line as pip sees it, joined from one or more of the file, and where its characters stand there.</summary>
internal sealed class LogicalLine
{
    private readonly StringBuilder _text = new();
    private readonly List<Part> _parts = [];

    public int Length => _text.Length;

    public string Text => _text.ToString();

    /// <summary>Where a character stands.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">From 0.</param>
    public SourcePosition Locate(string file, int offset)
    {
        var part = _parts.FindLast(p => p.Offset <= offset) ?? _parts[0];
        return new SourcePosition(file, part.Line, part.Column + (part.IsOnePlace ? 0 : offset - part.Offset));
    }

    /// <summary>Adds a part of a line of the file.</summary>
    /// <param name="text">The part.</param>
    /// <param name="line">The number of the line, from 1.</param>
    /// <param name="column">The column of the first character, from 1.</param>
    public void Add(string text, int line, int column) => Add(text, new Part(_text.Length, line, column, IsOnePlace: false));

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
        result._text.Append(text, start, end - start);
        result._parts.AddRange(_parts.Select(p => p with { Offset = p.Offset - start }));
        return result;
    }

    /// <summary>The same with <c>${NAME}</c> replaced by the variables that are set and not empty; the characters of a value stand at its <c>$</c>.</summary>
    public LogicalLine Expand(Func<string, string?> variable)
    {
        var text = Text;
        if (VariableReference.First(text) is null)
        {
            return this;
        }

        var result = new LogicalLine();
        for (var at = 0; at < text.Length;)
        {
            var place = Locate("", at);
            if (VariableReference.At(text, at) is { } name && variable(name) is { Length: > 0 } value)
            {
                result.Add(value, new Part(result.Length, place.Line, place.Column, IsOnePlace: true));
                at += VariableReference.LengthOf(name);
            }
            else
            {
                result.Add(text.Substring(at, 1), place.Line, place.Column);
                at++;
            }
        }

        return result;
    }

    private void Add(string text, Part part)
    {
        _text.Append(text);
        _parts.Add(part);
    }

    private sealed record Part(int Offset, int Line, int Column, bool IsOnePlace);
}
