using System.Globalization;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>No instance serves a corrupted model, as far as its level and its keys go; docs/corruption.md has the table.</summary>
public sealed class CorruptionCampaignTests(CorruptionCampaign campaign, ITestOutputHelper output) : IClassFixture<CorruptionCampaign>
{
    private const string Page = "docs/corruption.md";
    private const int MostShown = 10;

    [Fact]
    public void Start_AnyCorruption_IsServedOnlyBelowTheLevelThatSeesItAndRefusedByName()
    {
        foreach (var setting in CampaignSetting.All)
        {
            var counts = Enum.GetValues<Verdict>().Select(v => string.Create(
                CultureInfo.InvariantCulture, $"{v} {CorruptionCampaign.Kinds.Sum(k => campaign.Count(k, setting, v))}"));
            output.WriteLine($"{campaign.Cases} cases, {setting}: {string.Join(", ", counts)}");
        }

        campaign.Failures.Take(MostShown).Select(f => f.ToString()).Should().BeEmpty();
    }

    [Fact]
    public void Table_OfTheDocs_IsWhatTheCampaignFound()
    {
        Assert.SkipUnless(campaign.IsComplete, "Some seeds alone make no table.");
        var path = Repository.PathOf(Page);
        var table = CampaignTable.Write(campaign);
        if (Environment.GetEnvironmentVariable("MODEL_CACHE_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, CampaignTable.Replace(File.ReadAllText(path), table));
        }

        CampaignTable.Read(File.ReadAllText(path)).Should().Be(table, "{0} is written anew by this test with MODEL_CACHE_UPDATE_DOCS=1", Page);
    }
}
