using System.Globalization;

namespace Tabular.ModelCache.Requirements;

/// <summary>A version by PEP 440, as far as markers need it: release, and one of dev, a, b, rc, post. Local labels do not count.</summary>
internal sealed class PythonVersion : IComparable<PythonVersion>
{
    private static readonly (string Word, int Rank)[] Phases =
    [
        ("dev", -4), ("alpha", -3), ("a", -3), ("beta", -2), ("b", -2), ("preview", -1), ("pre", -1), ("rc", -1), ("c", -1), ("post", 1), ("rev", 1), ("r", 1),
    ];

    private readonly int[] _release;
    private readonly int _phase;
    private readonly int _number;

    private PythonVersion(int[] release, int phase, int number) => (_release, _phase, _number) = (release, phase, number);

    public int Parts => _release.Length;

    /// <summary>Reads a version.</summary>
    /// <returns><see langword="null"/> for what is none, or has more than one suffix, or an epoch.</returns>
    public static PythonVersion? TryParse(string text)
    {
        var rest = text.Trim().ToLowerInvariant().Split('+')[0];
        rest = rest is ['v', ..] ? rest[1..] : rest;
        var release = new List<int>();
        while (TakeNumber(ref rest) is { } part)
        {
            release.Add(part);
            if (rest is ['.', >= '0' and <= '9', ..])
            {
                rest = rest[1..];
            }
            else
            {
                break;
            }
        }

        if (release.Count == 0)
        {
            return null;
        }

        if (rest.Length == 0)
        {
            return new PythonVersion([.. release], 0, 0);
        }

        rest = rest.TrimStart('.', '-', '_');
        var (word, rank) = Phases.FirstOrDefault(p => rest.StartsWith(p.Word, StringComparison.Ordinal));
        if (word is null)
        {
            return null;
        }

        rest = rest[word.Length..].TrimStart('.', '-', '_');
        var number = TakeNumber(ref rest) ?? 0;
        return rest.Length == 0 ? new PythonVersion([.. release], rank, number) : null;
    }

    public int CompareTo(PythonVersion? other)
    {
        for (var i = 0; i < Math.Max(Parts, other!.Parts); i++)
        {
            var order = At(i).CompareTo(other.At(i));
            if (order != 0)
            {
                return order;
            }
        }

        return (_phase, _number).CompareTo((other._phase, other._number));
    }

    /// <summary>Whether the release begins with the first parts of another's: <c>3.11.4</c> matches <c>3.11.*</c>.</summary>
    public bool StartsWith(PythonVersion other, int parts)
    {
        for (var i = 0; i < parts; i++)
        {
            if (At(i) != other.At(i))
            {
                return false;
            }
        }

        return true;
    }

    private static int? TakeNumber(ref string text)
    {
        var length = 0;
        while (length < text.Length && text[length] is >= '0' and <= '9')
        {
            length++;
        }

        if (!int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        text = text[length..];
        return number;
    }

    private int At(int index) => index < Parts ? _release[index] : 0;
}
