namespace Tabular.ModelCache.Requirements;

/// <summary>Reads requirements files and what they include, in pip's order.</summary>
/// <param name="variable">The environment; <see langword="null"/> for what is not set.</param>
/// <param name="report">Takes what could not be read.</param>
internal sealed class RequirementsReader(Func<string, string?> variable, Action<AuditFinding> report)
{
    // Far above any file in use: the largest lock files have some hundred kilobytes.
    private const long MostBytes = 16 << 20;

    // Files that include each other twice each would double the work with every level.
    private const int MostFiles = 1000;

    private readonly List<string> _files = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Stack<string> _open = new();
    private int _count;

    /// <summary>Gets the full paths of all files asked for, in the order of their first mention.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its full path.</param>
    public IEnumerable<RequirementsLine> Read(string path) => Read(path, isConstraint: false, includedAt: null);

    private static string FileName(string path) => Path.GetFileName(path);

    private IEnumerable<RequirementsLine> Read(string path, bool isConstraint, SourcePosition? includedAt)
    {
        if (_open.Contains(path, StringComparer.Ordinal))
        {
            report(new AuditFinding(AuditRules.Unreadable, includedAt!, $"{FileName(path)} includes itself through this line."));
            yield break;
        }

        if (_known.Add(path))
        {
            _files.Add(path);
        }

        if (TryRead(path, includedAt) is not { } text)
        {
            yield break;
        }

        _open.Push(path);
        foreach (var source in LogicalLines.Read(text, variable))
        {
            var line = RequirementsLine.Parse(path, source, isConstraint);
            if (line.Options.Problem is { } problem)
            {
                report(new AuditFinding(AuditRules.Refused, line.At(), $"pip refuses this line: {problem}."));
                continue;
            }

            if (Nested(line) is not { } nested)
            {
                yield return line;
                continue;
            }

            ReportIgnored(line, nested);
            foreach (var inner in Follow(line, nested))
            {
                yield return inner;
            }
        }

        _open.Pop();
    }

    private static PipOption? Nested(RequirementsLine line) => line.IsRequirement
        ? null
        : line.Options.Named(PipOptions.Requirement).Concat(line.Options.Named(PipOptions.Constraint)).FirstOrDefault();

    // A line that includes a file does nothing else.
    private void ReportIgnored(RequirementsLine line, PipOption nested)
    {
        foreach (var other in line.Options.All.Where(o => !ReferenceEquals(o, nested)))
        {
            report(new AuditFinding(AuditRules.Ignored, line.At(other.Offset), $"pip ignores {other.Name} here: the line only follows its {nested.Name}."));
        }
    }

    private IEnumerable<RequirementsLine> Follow(RequirementsLine line, PipOption nested)
    {
        var at = line.At(nested.Offset);
        var path = nested.Value;
        if (VariableReference.First(path) is { } name)
        {
            report(new AuditFinding(AuditRules.UnsetVariable, at, $"The variable {name} is not set, so the included file is not known."));
            return [];
        }

        if (ArtifactReference.IsUrl(path))
        {
            if (!Uri.TryCreate(path, UriKind.Absolute, out var url) || !url.IsFile)
            {
                report(new AuditFinding(AuditRules.NotFollowed, at, $"{ArtifactReference.Redact(path)} is not read: it is a URL."));
                return [];
            }

            path = url.LocalPath;
        }

        try
        {
            path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(line.File)!, path));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or PathTooLongException)
        {
            report(new AuditFinding(AuditRules.NotFollowed, at, $"The included path is none: {e.Message}"));
            return [];
        }

        return Read(path, nested.Name == PipOptions.Constraint, at);
    }

    private string? TryRead(string path, SourcePosition? includedAt)
    {
        var at = includedAt ?? new SourcePosition(path, 0, 0);
        if (++_count > MostFiles)
        {
            report(new AuditFinding(AuditRules.Unreadable, at, $"More than {MostFiles} files are included."));
            return null;
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (stream.Length > MostBytes)
            {
                report(new AuditFinding(AuditRules.Unreadable, at, $"{FileName(path)} has {stream.Length} bytes; at most {MostBytes} are read."));
                return null;
            }

            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return RequirementsText.Decode(bytes.ToArray());
        }
        catch (Exception e) when (includedAt is not null && e is FileNotFoundException or DirectoryNotFoundException)
        {
            report(new AuditFinding(AuditRules.NotFollowed, at, $"{path} does not exist."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            report(new AuditFinding(AuditRules.Unreadable, at, $"The file cannot be read: {e.Message}"));
        }

        return null;
    }
}
