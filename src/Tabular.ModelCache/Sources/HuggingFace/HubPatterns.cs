using System.Text;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>The configured choice of files. What is ignored wins, as <c>filter_repo_objects</c> of huggingface_hub has it.</summary>
internal sealed class HubPatterns(IReadOnlyList<string> allow, IReadOnlyList<string> ignore)
{
    private const int DigestLength = 12;

    private readonly HubPattern[] _allow = [.. allow.Select(p => new HubPattern(p))];
    private readonly HubPattern[] _ignore = [.. ignore.Select(p => new HubPattern(p))];

    /// <summary>Gets whether the files are listed, so that the default choice does not count.</summary>
    public bool ReplacesDefault => _allow.Length > 0;

    /// <summary>
    /// Gets what is appended to the commit, so that another choice from the same commit makes another version; empty without patterns.
    /// The default choice has no number as long as there has been only one: a changed rule would append one here.
    /// </summary>
    public string DigestSuffix => _allow.Length + _ignore.Length == 0 ? "" : $";files={Sha256Hex.Of(Normalize())[..DigestLength]}";

    public bool Allows(string path) => _allow.Length == 0 || _allow.Any(p => p.IsMatch(path));

    public bool Ignores(string path) => _ignore.Any(p => p.IsMatch(path));

    // Neither the order nor a repetition changes what is chosen.
    private byte[] Normalize() => Encoding.UTF8.GetBytes(string.Concat(
        Texts(_allow).Select(t => $"allow {t}\0").Concat(Texts(_ignore).Select(t => $"ignore {t}\0"))));

    private static IEnumerable<string> Texts(IEnumerable<HubPattern> patterns) =>
        patterns.Select(p => p.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
