using System.Globalization;
using System.Text;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>The table of docs/corruption.md.</summary>
internal static class CampaignTable
{
    private const string Begin = "<!-- The table is written by the tests: MODEL_CACHE_UPDATE_DOCS=1. -->\n";
    private const string End = "<!-- end of the table -->\n";

    public static string Write(CorruptionCampaign campaign)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| what | where | {string.Join(" | ", CampaignSetting.All)} |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|---|{string.Concat(CampaignSetting.All.Select(_ => "---|"))}\n");
        foreach (var kind in CorruptionCampaign.Kinds)
        {
            var place = kind.Place == CorruptionPlace.Mount ? "mount only" : kind.Place.ToString().ToLowerInvariant();
            var cells = CampaignSetting.All.Select(s => Cell(v => campaign.Count(kind, s, v)));
            text.Append(CultureInfo.InvariantCulture, $"| {kind.Name} | {place} | {string.Join(" | ", cells)} |\n");
        }

        return text.ToString();
    }

    /// <summary>Takes the table out of a page.</summary>
    public static string Read(string page)
    {
        var (begin, end) = Find(page);
        return page[begin..end];
    }

    /// <summary>Puts a table into a page.</summary>
    public static string Replace(string page, string table)
    {
        var (begin, end) = Find(page);
        return string.Concat(page.AsSpan(0, begin), table, page.AsSpan(end));
    }

    // A change of white space in a document, or of a bit that base64 does not use, changes nothing; whether a run has such a case is chance.
    private static string Cell(Func<Verdict, int> count) =>
        count(Verdict.Corrupted) > 0 ? "**served**" : count(Verdict.Refused) > 0 ? "refused" : "as published";

    private static (int Begin, int End) Find(string page)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? (begin + Begin.Length, end)
            : throw new InvalidOperationException($"The page has not both of '{Begin.Trim()}' and '{End.Trim()}'.");
    }
}
