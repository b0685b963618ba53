namespace Tabular.ModelCache.Requirements;

/// <summary>The words of an environment marker.</summary>
internal sealed class MarkerTokens
{
    private const string Quotes = "'\"";
    private static readonly string[] Operators = ["===", "==", ">=", "<=", "!=", "~=", ">", "<", "(", ")"];

    private readonly List<MarkerToken> _tokens = [];
    private int _next;

    private MarkerTokens()
    {
    }

    public bool AtEnd => _next == _tokens.Count;

    /// <summary>Splits a marker.</summary>
    /// <returns><see langword="null"/> when it has something that no marker has.</returns>
    public static MarkerTokens? TryRead(string marker)
    {
        var result = new MarkerTokens();
        for (var at = 0; at < marker.Length;)
        {
            if (char.IsWhiteSpace(marker[at]))
            {
                at++;
            }
            else if (Quotes.Contains(marker[at]))
            {
                var end = marker.IndexOf(marker[at], at + 1);
                if (end < 0)
                {
                    return null;
                }

                result._tokens.Add(new MarkerToken(marker[(at + 1)..end], true));
                at = end + 1;
            }
            else if (Operators.FirstOrDefault(o => string.CompareOrdinal(marker, at, o, 0, o.Length) == 0) is { } symbol)
            {
                result._tokens.Add(new MarkerToken(symbol, false));
                at += symbol.Length;
            }
            else
            {
                var start = at;
                while (at < marker.Length && (marker[at] is '_' or '.' || char.IsLetterOrDigit(marker[at])))
                {
                    at++;
                }

                if (at == start)
                {
                    return null;
                }

                result._tokens.Add(new MarkerToken(marker[start..at], false));
            }
        }

        return result;
    }

    /// <summary>Takes the next word if it is this one.</summary>
    public bool Take(string word)
    {
        if (AtEnd || _tokens[_next].IsValue || _tokens[_next].Text != word)
        {
            return false;
        }

        _next++;
        return true;
    }

    /// <summary>Takes the next word, whatever it is.</summary>
    public MarkerToken? Take() => AtEnd ? null : _tokens[_next++];
}
