using System.Globalization;
using System.Text.RegularExpressions;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>
/// The weights in one folder: those that transformers and sentence-transformers load without being told more, and nothing besides. They
/// look for <c>model.safetensors</c>, its shards by their index, <c>pytorch_model.bin</c>, its shards by their index, in this order.
/// </summary>
internal static partial class HubWeights
{
    private static readonly (string Stem, string Extension)[] Forms = [("model", ".safetensors"), ("pytorch_model", ".bin")];

    /// <returns>The files; empty when the folder has no weights that are complete.</returns>
    public static IReadOnlyList<HubEntry> Find(IEnumerable<HubEntry> folder)
    {
        var byName = folder.ToDictionary(f => f.Name, StringComparer.Ordinal);
        foreach (var (stem, extension) in Forms)
        {
            if (byName.TryGetValue(stem + extension, out var single))
            {
                return [single];
            }

            if (byName.TryGetValue($"{stem}{extension}.index.json", out var index) && FindShards(byName.Values, stem, extension) is { Count: > 0 } shards)
            {
                return [index, .. shards];
            }
        }

        return [];
    }

    /// <summary>The one complete set <c>stem-00001-of-00002.ext</c>, <c>stem-00002-of-00002.ext</c>; with several it is not known which the index means.</summary>
    private static List<HubEntry> FindShards(IEnumerable<HubEntry> files, string stem, string extension)
    {
        var sets = files
            .Select(f => (File: f, Match: Shard().Match(f.Name)))
            .Where(s => s.Match.Success && s.Match.Groups["stem"].Value == stem && s.Match.Groups["extension"].Value == extension)
            .GroupBy(s => s.Match.Groups["count"].Value, s => s.File, StringComparer.Ordinal)
            .Where(g => g.Count() == int.Parse(g.Key, CultureInfo.InvariantCulture) && IsComplete(g, stem, extension))
            .ToList();
        return sets is [var one] ? [.. one.OrderBy(f => f.Name, StringComparer.Ordinal)] : [];
    }

    private static bool IsComplete(IGrouping<string, HubEntry> set, string stem, string extension)
    {
        var names = set.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, names.Count).All(
            i => names.Contains($"{stem}-{i.ToString("D5", CultureInfo.InvariantCulture)}-of-{set.Key}{extension}"));
    }

    [GeneratedRegex(@"\A(?<stem>model|pytorch_model)-[0-9]{5}-of-(?<count>[0-9]{5})(?<extension>\.safetensors|\.bin)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shard();
}
