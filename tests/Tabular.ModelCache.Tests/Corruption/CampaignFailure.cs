namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>What must not happen, whatever is corrupted.</summary>
internal sealed record CampaignFailure(int Seed, CorruptionKind Kind, CampaignSetting Setting, string What)
{
    public override string ToString() =>
        $"seed {Seed} ({Kind.Name}, {Kind.Place}, {Setting}): {What} Again: {CorruptionCampaign.FirstSeedVariable}={Seed} {CorruptionCampaign.CasesVariable}=1";
}
