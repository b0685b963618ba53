using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>A repository of the Hub and one of its revisions: <c>org/name[@revision]</c>, or <c>name[@revision]</c> as some old ones are.</summary>
/// <param name="Id">The repository: one or two parts.</param>
/// <param name="Revision">A branch, a tag, <c>refs/pr/N</c>, or a commit of 40 lower-case hex digits.</param>
/// <remarks>
/// The rules of names are those of huggingface_hub (<c>utils/_validators.py</c>, <c>validate_repo_id</c>): ASCII letters, digits, <c>-</c>,
/// <c>_</c> and <c>.</c>, which neither begin nor end with <c>-</c> or <c>.</c>, no <c>--</c>, no <c>..</c>, no <c>.git</c> at the end.
/// </remarks>
internal sealed record HubReference(string Id, string Revision)
{
    public const string MainRevision = "main";

    private const int MostNameLength = 96;
    private const int MostRevisionLength = 200;

    private static readonly SearchValues<char> Forbidden = SearchValues.Create(" ~^:?*[");

    public bool IsCommit => HubCommit.IsValid(Revision);

    /// <summary>Gets the name of the repository's folder in a cache: <c>models--org--name</c>.</summary>
    public string Folder => $"models--{Id.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>Reads what stands behind <c>hf://</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubReference? reference, [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var id = at < 0 ? text : text[..at];
        var revision = at < 0 ? MainRevision : text[(at + 1)..];
        problem = FindProblemOfId(id) ?? FindProblemOfRevision(revision);
        if (problem is not null)
        {
            return false;
        }

        reference = new HubReference(id, HubCommit.Normalize(revision) ?? revision);
        return true;
    }

    private static string? FindProblemOfId(string id)
    {
        var parts = id.Split('/');
        if (parts.Length > 2)
        {
            return "the repository has more than two parts";
        }

        foreach (var part in parts)
        {
            if (part.Length is 0 or > MostNameLength)
            {
                return $"a name has {part.Length} characters; allowed are 1 to {MostNameLength}";
            }

            if (!part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            {
                return "a name has other characters than letters, digits, '.', '_' and '-'";
            }

            if (part[0] is '.' or '-' || part[^1] is '.' or '-')
            {
                return "a name begins or ends with '.' or '-'";
            }
        }

        if (id.Contains("--", StringComparison.Ordinal) || id.Contains("..", StringComparison.Ordinal))
        {
            return "a name has '--' or '..'";
        }

        return id.EndsWith(".git", StringComparison.Ordinal) ? "the name ends with '.git'" : null;
    }

    /// <summary>The rules of git (<c>git-check-ref-format</c>), and those of the object that <c>refs/</c> gets for it.</summary>
    private static string? FindProblemOfRevision(string revision)
    {
        if (revision.Length is 0 or > MostRevisionLength)
        {
            return $"the revision has {revision.Length} characters; allowed are 1 to {MostRevisionLength}";
        }

        if (ObjectName.FindProblem(revision) is { } problem)
        {
            return $"the revision {problem}";
        }

        return revision.Contains("..", StringComparison.Ordinal) || revision.Contains("@{", StringComparison.Ordinal) ||
            revision.AsSpan().ContainsAny(Forbidden)
            ? "the revision is no name of a branch, a tag or a commit"
            : null;
    }
}
