using System.Text;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>
/// A pattern as <c>allow_patterns</c> of huggingface_hub has it: <c>fnmatchcase</c> of Python on the whole path, where <c>*</c> and <c>?</c>
/// also match <c>/</c>; a pattern that ends in <c>/</c> means all below that folder.
/// </summary>
/// <remarks>
/// <see href="https://docs.python.org/3/library/fnmatch.html"/>. Only the last star is ever tried again, so that a match takes at most the
/// product of both lengths.
/// </remarks>
internal sealed class HubPattern
{
    private readonly List<HubPatternPart> _parts = [];

    public HubPattern(string text)
    {
        Text = text.EndsWith('/') ? text + "*" : text;
        Rune[] runes = [.. Text.EnumerateRunes()];
        for (var i = 0; i < runes.Length;)
        {
            i = Read(runes, i);
        }
    }

    /// <summary>Gets the pattern with what a slash at its end means.</summary>
    public string Text { get; }

    public bool IsMatch(string path)
    {
        Rune[] runes = [.. path.EnumerateRunes()];
        int at = 0, part = 0, star = -1, retry = 0;
        while (at < runes.Length)
        {
            if (part < _parts.Count && _parts[part].IsStar)
            {
                star = part++;
                retry = at;
            }
            else if (part < _parts.Count && _parts[part].Matches(runes[at]))
            {
                part++;
                at++;
            }
            else if (star >= 0)
            {
                part = star + 1;
                at = ++retry;
            }
            else
            {
                return false;
            }
        }

        return _parts.Skip(part).All(p => p.IsStar);
    }

    private int Read(Rune[] runes, int at)
    {
        var c = runes[at++];
        if (c.Value == '*')
        {
            _parts.Add(HubPatternPart.Star);
        }
        else if (c.Value == '?')
        {
            _parts.Add(HubPatternPart.Any);
        }
        else if (c.Value == '[' && FindEnd(runes, at) is var end and >= 0)
        {
            _parts.Add(ReadSet(runes.AsSpan(at, end - at)));
            at = end + 1;
        }
        else
        {
            _parts.Add(HubPatternPart.Of(c));
        }

        return at;
    }

    /// <summary>The bracket that closes a set. One right at its beginning belongs to the set; without another, the first one is a character.</summary>
    private static int FindEnd(Rune[] runes, int at)
    {
        if (at < runes.Length && runes[at].Value == '!')
        {
            at++;
        }

        if (at < runes.Length)
        {
            at++;
        }

        while (at < runes.Length && runes[at].Value != ']')
        {
            at++;
        }

        return at < runes.Length ? at : -1;
    }

    private static HubPatternPart ReadSet(ReadOnlySpan<Rune> set)
    {
        var isNegated = set[0].Value == '!';
        set = isNegated ? set[1..] : set;
        var ranges = new List<(int First, int Last)>();
        for (var i = 0; i < set.Length;)
        {
            // A hyphen means a range only between two characters; a range that runs backwards is empty.
            if (i + 2 < set.Length && set[i + 1].Value == '-')
            {
                ranges.Add((set[i].Value, set[i + 2].Value));
                i += 3;
            }
            else
            {
                ranges.Add((set[i].Value, set[i].Value));
                i++;
            }
        }

        return HubPatternPart.Of(isNegated, ranges);
    }
}
