namespace Tabular.ModelCache.Requirements;

/// <summary>Reads one requirement in the forms that pip takes: a URL, a path, <c>name[extra]&gt;=1; marker</c>, <c>name @ URL</c>.</summary>
internal static class RequirementParser
{
    // Longest first.
    private static readonly string[] Operators = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

    /// <summary>Reads a requirement.</summary>
    /// <returns><see langword="null"/> when pip refuses it.</returns>
    public static Requirement? TryParse(string text)
    {
        var isUrl = ArtifactReference.IsUrl(text);
        var separator = text.IndexOf(isUrl ? "; " : ";", StringComparison.Ordinal);
        var marker = separator < 0 ? "" : text[(separator + 1)..].Trim();
        var body = (separator < 0 ? text : text[..separator]).Trim();
        var requirement = body.Length == 0 ? null : isUrl || IsPath(body) ? Direct(body) : Named(body);
        return requirement is null ? null : requirement with { Marker = marker };
    }

    /// <summary>Reads what stands behind <c>-e</c>.</summary>
    public static Requirement Editable(string text) => Direct(text);

    private static bool IsPath(string text)
    {
        // `name @ URL` may end as an archive does.
        var at = text.IndexOf('@');
        return !(at > 0 && !LooksLikePath(text[..at])) && (LooksLikePath(text) || ArtifactReference.IsArchive(SplitExtras(text).Path));
    }

    private static bool LooksLikePath(string text) => text.Contains('/') || text[0] == '.';

    private static (string Path, string Extras) SplitExtras(string text)
    {
        var open = text is [.., ']'] ? text.LastIndexOf('[') : -1;
        return open > 0 ? (text[..open], text[open..]) : (text, "");
    }

    private static Requirement Direct(string text)
    {
        var (path, extras) = SplitExtras(text);
        var artifact = new ArtifactReference(path);
        var (egg, eggExtras) = SplitExtras(artifact.EggName ?? "");
        return new Requirement
        {
            Name = PackageName.Normalize(artifact.WheelName ?? egg),
            Extras = ParseExtras(extras.Length > 0 ? extras : eggExtras) ?? [],
            Artifact = artifact,
        };
    }

    private static Requirement? Named(string text)
    {
        var end = PackageName.End(text, 0);
        if (end == 0)
        {
            return null;
        }

        var rest = text[end..].TrimStart();
        IReadOnlyList<string>? extras = [];
        if (rest is ['[', ..])
        {
            var close = rest.IndexOf(']');
            extras = close < 0 ? null : ParseExtras(rest[..(close + 1)]);
            rest = close < 0 ? "" : rest[(close + 1)..].TrimStart();
        }

        if (extras is null)
        {
            return null;
        }

        var requirement = new Requirement { Name = PackageName.Normalize(text[..end]), Extras = extras };
        if (rest is ['@', ..])
        {
            var url = rest[1..].Trim();
            return ArtifactReference.IsUrl(url) && !url.Contains(' ') ? requirement with { Artifact = new ArtifactReference(url) } : null;
        }

        var list = rest is ['(', .., ')'] ? rest[1..^1].Trim() : rest;
        return list.Length == 0
            ? rest.Length == 0 ? requirement : null
            : ParseVersions(list) is { } versions ? requirement with { Versions = versions } : null;
    }

    private static List<string>? ParseExtras(string text)
    {
        var inner = text.Trim('[', ']').Trim();
        var names = inner.Length == 0 ? [] : inner.Split(',').Select(e => e.Trim()).ToList();
        return names.Exists(n => n.Length == 0 || PackageName.End(n, 0) != n.Length) ? null : names.ConvertAll(PackageName.Normalize);
    }

    private static List<VersionClause>? ParseVersions(string text)
    {
        var clauses = new List<VersionClause>();
        foreach (var part in text.Split(',').Select(p => p.Trim()))
        {
            if (Operators.FirstOrDefault(o => part.StartsWith(o, StringComparison.Ordinal)) is not { } symbol)
            {
                return null;
            }

            var version = part[symbol.Length..].Trim();
            if (version.Length == 0 || !version.All(IsOfVersion))
            {
                return null;
            }

            clauses.Add(new VersionClause(symbol, version));
        }

        return clauses;
    }

    // The last three only as parts of a variable that is not set, which is told by a rule of its own.
    private static bool IsOfVersion(char c) => char.IsLetterOrDigit(c) || c is '.' or '+' or '-' or '_' or '*' or '!' or '$' or '{' or '}';
}
