namespace Tabular.ModelCache.Stores;

/// <summary>Orders names by their UTF-8 bytes, as object listings do; UTF-16 order differs beyond U+FFFF.</summary>
internal sealed class Utf8Comparer : IComparer<string>
{
    public static Utf8Comparer Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return x is null ? (y is null ? 0 : -1) : 1;
        }

        var one = x.EnumerateRunes();
        var other = y.EnumerateRunes();
        while (true)
        {
            var hasOne = one.MoveNext();
            var hasOther = other.MoveNext();
            if (!hasOne || !hasOther)
            {
                return hasOne ? 1 : hasOther ? -1 : 0;
            }

            // The order of UTF-8 bytes is the order of code points.
            var order = one.Current.Value.CompareTo(other.Current.Value);
            if (order != 0)
            {
                return order;
            }
        }
    }
}
