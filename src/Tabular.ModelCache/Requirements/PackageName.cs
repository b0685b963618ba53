using System.Text;

namespace Tabular.ModelCache.Requirements;

/// <summary>Names of packages and extras, compared by PEP 503.</summary>
internal static class PackageName
{
    /// <summary>Lower case, and one hyphen for each run of hyphens, underscores and dots.</summary>
    public static string Normalize(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c is not ('-' or '_' or '.'))
            {
                result.Append(char.ToLowerInvariant(c));
            }
            else if (result.Length > 0 && result[result.Length - 1] != '-')
            {
                result.Append('-');
            }
        }

        return result.ToString();
    }

    /// <summary>Reads a name at an offset.</summary>
    /// <returns>The offset behind it; <paramref name="start"/> when there is none.</returns>
    public static int End(string text, int start)
    {
        var end = start;
        while (end < text.Length && (IsAlphanumeric(text[end]) || text[end] is '-' or '_' or '.'))
        {
            end++;
        }

        while (end > start && !IsAlphanumeric(text[end - 1]))
        {
            end--;
        }

        return end > start && IsAlphanumeric(text[start]) ? end : start;
    }

    private static bool IsAlphanumeric(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');
}
