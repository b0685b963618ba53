namespace Tabular.ModelCache.Requirements;

/// <summary>A URL or a path: a wheel, an archive, a folder, a repository, or an index.</summary>
internal sealed class ArtifactReference
{
    private static readonly string[] UrlSchemes = ["http", "https", "file", "ftp"];
    private static readonly string[] RepositorySchemes = ["git", "hg", "svn", "bzr", "ssh", "sftp"];
    private static readonly string[] ArchiveEndings =
        [".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"];

    private readonly string _host;
    private readonly IReadOnlyList<string> _folders;
    private readonly string _fileName;

    public ArtifactReference(string text)
    {
        Display = Redact(text);
        IsRepository = SchemeOf(text) is { } scheme && RepositorySchemes.Contains(scheme.Split('+')[0]);
        EggName = FragmentValue(text, "egg=");
        var path = Uri.UnescapeDataString(text.Split('#')[0].Split('?')[0]);
        var start = IsUrl(text) ? path.IndexOf("//", StringComparison.Ordinal) : -1;
        var segments = (start < 0 ? path : path[(start + 2)..]).ToLowerInvariant().Split('/').ToList();
        _host = start < 0 ? "" : segments[0].Split('@').Last().Split(':')[0];
        _folders = segments;
        _fileName = path.Split('/').Last();
        IsWheel = _fileName.EndsWith(".whl", StringComparison.OrdinalIgnoreCase);
        var parts = _fileName.Split('-');
        (WheelName, WheelVersion) = IsWheel && parts.Length >= 5 ? (parts[0], parts[1]) : (null, null);
    }

    /// <summary>Gets the text without what may be a secret: credentials, query and fragment.</summary>
    public string Display { get; }

    public bool IsRepository { get; }

    public bool IsWheel { get; }

    /// <summary>Gets the name of the package that the name of a wheel begins with; <see langword="null"/> for what is not named as a wheel.</summary>
    public string? WheelName { get; }

    public string? WheelVersion { get; }

    /// <summary>Gets what <c>#egg=</c> says.</summary>
    public string? EggName { get; }

    /// <summary>Gets what build the file is of, by its label (<c>torch-2.4.0%2Bcpu-...</c>) or its folder.</summary>
    public BuildKind Build
    {
        get
        {
            var label = Label is { } found ? BuildLabel.OfVersion(found) : BuildKind.Unknown;
            return label == BuildKind.Unknown ? BuildLabel.OfFolders(_folders) : label;
        }
    }

    /// <summary>Gets what builds an index or a page of links has.</summary>
    public BuildKind Source =>
        _host == "nvidia.com" || _host.EndsWith(".nvidia.com", StringComparison.Ordinal)
        || _fileName is "jax_cuda_releases.html" || (Label is { } label && BuildLabel.OfVersion(label) == BuildKind.Gpu)
            ? BuildKind.Gpu
            : BuildLabel.OfFolders(_folders);

    private string? Label => _fileName.IndexOf('+') is >= 0 and var plus ? _fileName[(plus + 1)..].Split('-')[0] : null;

    /// <summary>Whether pip takes a text for a URL.</summary>
    public static bool IsUrl(string text) =>
        SchemeOf(text) is { } scheme && (UrlSchemes.Contains(scheme) || RepositorySchemes.Contains(scheme.Split('+')[0]));

    /// <summary>Whether a name ends as an archive does.</summary>
    public static bool IsArchive(string name) => ArchiveEndings.Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>A URL or path without credentials, query and fragment.</summary>
    public static string Redact(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = start < 3 ? -1 : text.IndexOf('/', start);
        var at = start < 3 ? -1 : text.LastIndexOf('@', path < 0 ? text.Length - 1 : path);
        var plain = at < start ? text : text[..start] + text[(at + 1)..];
        return plain.Split('#')[0].Split('?')[0];
    }

    private static string? SchemeOf(string text) => text.IndexOf(':') is > 0 and var colon ? text[..colon].ToLowerInvariant() : null;

    private static string? FragmentValue(string text, string key)
    {
        var fragment = text.IndexOf('#') is >= 0 and var hash ? text[(hash + 1)..] : "";
        var value = fragment.Split('&').FirstOrDefault(p => p.StartsWith(key, StringComparison.Ordinal));
        return value is null ? null : Uri.UnescapeDataString(value[key.Length..]);
    }
}
