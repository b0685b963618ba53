namespace Tabular.ModelCache.Requirements;

/// <summary>Evaluates environment markers by PEP 508 and the rules of <c>packaging</c>, which pip uses.</summary>
internal sealed class EnvironmentMarker
{
    // Deep enough for every marker that a tool writes, and shallow enough for the stack.
    private const int DeepestNesting = 50;

    private readonly MarkerTokens _tokens;
    private readonly TargetEnvironment _target;
    private int _depth;
    private bool _isBroken;

    private EnvironmentMarker(MarkerTokens tokens, TargetEnvironment target) => (_tokens, _target) = (tokens, target);

    /// <summary>Evaluates a marker.</summary>
    /// <returns><see langword="null"/> when it depends on what is not known, or is no marker.</returns>
    public static bool? Evaluate(string marker, TargetEnvironment target)
    {
        if (MarkerTokens.TryRead(marker) is not { } tokens)
        {
            return null;
        }

        var evaluation = new EnvironmentMarker(tokens, target);
        var result = evaluation.Either();
        return evaluation._isBroken || !tokens.AtEnd ? null : result;
    }

    private bool? Either()
    {
        var result = Both();
        while (_tokens.Take("or"))
        {
            var other = Both();
            result = result == true || other == true ? true : result is null || other is null ? null : false;
        }

        return result;
    }

    private bool? Both()
    {
        var result = Comparison();
        while (_tokens.Take("and"))
        {
            var other = Comparison();
            result = result == false || other == false ? false : result is null || other is null ? null : true;
        }

        return result;
    }

    private bool? Comparison()
    {
        if (_tokens.Take("("))
        {
            if (++_depth > DeepestNesting)
            {
                return Broken();
            }

            var inner = Either();
            _depth--;
            return _tokens.Take(")") ? inner : Broken();
        }

        if (_tokens.Take() is not { } left || Operator() is not { } operation || _tokens.Take() is not { } right || left.IsValue == right.IsValue)
        {
            return Broken();
        }

        var values = _target.ValuesOf(left.IsValue ? right.Text : left.Text);
        if (values.Count > 1 && IsAboutOneValue(operation, left.IsValue ? left.Text : right.Text, values))
        {
            return null;
        }

        bool? result = null;
        foreach (var value in values)
        {
            var outcome = left.IsValue ? Compare(left.Text, operation, value) : Compare(value, operation, right.Text);
            if (outcome is null || (result is not null && result != outcome))
            {
                return null;
            }

            result = outcome;
        }

        return result;
    }

    // The two ends of a range can agree on what something between them would answer otherwise.
    private static bool IsAboutOneValue(string operation, string text, IReadOnlyList<string> range) => operation switch
    {
        "in" or "not in" or "===" => true,
        "==" or "!=" => PythonVersion.TryParse(text) is { } version
            && version.CompareTo(PythonVersion.TryParse(range[0])) >= 0
            && version.CompareTo(PythonVersion.TryParse(range[1])) <= 0,
        _ => false,
    };

    private string? Operator()
    {
        if (_tokens.Take("not"))
        {
            return _tokens.Take("in") ? "not in" : null;
        }

        return _tokens.Take() is { IsValue: false } word && word.Text is "in" or "===" or "==" or ">=" or "<=" or "!=" or "~=" or ">" or "<" ? word.Text : null;
    }

    private bool? Broken()
    {
        _isBroken = true;
        return null;
    }

    private static bool? Compare(string left, string operation, string right)
    {
        if (operation is "in" or "not in")
        {
            return right.Contains(left) == (operation == "in");
        }

        var isPrefix = operation is "==" or "!=" && right.EndsWith(".*", StringComparison.Ordinal);
        if (operation != "===" && PythonVersion.TryParse(isPrefix ? right[..^2] : right) is { } wanted)
        {
            return PythonVersion.TryParse(left) is { } version ? Compare(version, operation, wanted, isPrefix) : null;
        }

        return operation switch
        {
            "===" => string.Equals(left, right, StringComparison.OrdinalIgnoreCase),
            "==" => left == right,
            "!=" => left != right,
            "<" => string.CompareOrdinal(left, right) < 0,
            "<=" => string.CompareOrdinal(left, right) <= 0,
            ">" => string.CompareOrdinal(left, right) > 0,
            ">=" => string.CompareOrdinal(left, right) >= 0,
            _ => null,
        };
    }

    private static bool? Compare(PythonVersion left, string operation, PythonVersion right, bool isPrefix) => operation switch
    {
        "==" when isPrefix => left.StartsWith(right, right.Parts),
        "!=" when isPrefix => !left.StartsWith(right, right.Parts),
        "==" => left.CompareTo(right) == 0,
        "!=" => left.CompareTo(right) != 0,
        "<" => left.CompareTo(right) < 0,
        "<=" => left.CompareTo(right) <= 0,
        ">" => left.CompareTo(right) > 0,
        ">=" => left.CompareTo(right) >= 0,
        "~=" when right.Parts > 1 => left.CompareTo(right) >= 0 && left.StartsWith(right, right.Parts - 1),
        _ => null,
    };
}
