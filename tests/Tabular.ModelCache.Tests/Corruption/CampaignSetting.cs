namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>How the instances of a column of the table are set.</summary>
/// <param name="Level">The level of verification.</param>
/// <param name="HasKeys">Whether they have the publisher's public key.</param>
internal readonly record struct CampaignSetting(VerificationLevel Level, bool HasKeys)
{
    public static IReadOnlyList<CampaignSetting> All { get; } =
        [.. new[] { false, true }.SelectMany(keys => Enum.GetValues<VerificationLevel>().Order().Select(level => new CampaignSetting(level, keys)))];

    public override string ToString() => HasKeys ? $"`{Level}` with keys" : $"`{Level}`";
}
