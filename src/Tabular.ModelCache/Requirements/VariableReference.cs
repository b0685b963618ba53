namespace Tabular.ModelCache.Requirements;

/// <summary><c>${NAME}</c>, the only form of a variable that pip replaces: capital letters, digits and underscores.</summary>
internal static class VariableReference
{
    /// <summary>The name, when a reference starts at <paramref name="index"/>.</summary>
    public static string? At(string text, int index)
    {
        if (index + 1 >= text.Length || text[index] != '$' || text[index + 1] != '{')
        {
            return null;
        }

        var end = index + 2;
        while (end < text.Length && text[end] is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_')
        {
            end++;
        }

        return end > index + 2 && end < text.Length && text[end] == '}' ? text[(index + 2)..end] : null;
    }

    public static int LengthOf(string name) => name.Length + 3;

    /// <summary>The first reference in a text, if there is one.</summary>
    public static string? First(string text)
    {
        for (var at = text.IndexOf('$'); at >= 0; at = text.IndexOf('$', at + 1))
        {
            if (At(text, at) is { } name)
            {
                return name;
            }
        }

        return null;
    }
}
