namespace Tabular.ModelCache.Stores;

/// <summary>Orders names by their UTF-8 bytes, the order in which Cloud Storage lists.</summary>
/// <remarks>
/// It differs from the order of UTF-16 units only where a surrogate pair meets a character from U+E000 on: the pair stands for a
/// higher code point although its units are lower.
/// </remarks>
internal sealed class Utf8NameComparer : IComparer<string>
{
    private Utf8NameComparer()
    {
    }

    public static Utf8NameComparer Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var left = x.AsSpan();
        var right = y.AsSpan();
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length - right.Length;
        }

        var a = left[common];
        var b = right[common];
        if (char.IsSurrogate(a) == char.IsSurrogate(b))
        {
            return a - b;
        }

        return char.IsSurrogate(a) ? 1 : -1;
    }
}
