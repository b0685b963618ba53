using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Tests.Signing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>One start of an instance that wants both models and pulls nothing.</summary>
internal static class CampaignInstance
{
    // Of real time: nothing in a start waits for longer than the fake clock takes.
    private static readonly TimeSpan Hung = TimeSpan.FromMinutes(2);

    /// <summary>Starts as an app does, and reads what it would serve.</summary>
    /// <param name="bucket">The corrupted bucket.</param>
    /// <param name="published">What was published, by folder.</param>
    /// <param name="setting">The level and the keys.</param>
    /// <param name="minimumSequence">The lowest sequence that is accepted.</param>
    /// <returns>The verdict, and the reason of a refusal.</returns>
    public static async Task<(Verdict Verdict, string? Reason)> StartAsync(
        CorruptedBucket bucket, SignedBucket published, CampaignSetting setting, long minimumSequence)
    {
        await using var cache = Create(bucket, setting, minimumSequence);
        try
        {
            await cache.Services.GetRequiredService<StartupSequence>().RunAsync(CancellationToken.None).WaitAsync(Hung);
        }
        catch (ModelCacheException e)
        {
            return (Verdict.Refused, e.Message);
        }

        foreach (var name in new[] { CampaignModels.Llm, CampaignModels.Embed })
        {
            cache.Cache.TryGetModel(name, out var model).Should().BeTrue();
            var folder = $"{model!.Kind}/{model.Version}";
            model.Path.Should().Be(Path.Join(bucket.Root, folder));
            if (!published.Versions.TryGetValue(folder, out var files) || !Same(await bucket.ReadFolderAsync(folder), files))
            {
                return (Verdict.Corrupted, null);
            }
        }

        return (Verdict.AsPublished, null);
    }

    private static TestCache Create(CorruptedBucket bucket, CampaignSetting setting, long minimumSequence) => new(
        bucket.Store,
        new TestSource(),
        b => b.Services.AddSingleton(new ModelCacheClock(new ShortWaits(), new Random(1))).AddSingleton(bucket.CreateMount),
        [
            ("ModelCache:MountPath", bucket.Root),
            ("ModelCache:Models:0:Name", CampaignModels.Llm),
            ("ModelCache:Models:1:Name", CampaignModels.Embed),
            ("ModelCache:Models:1:Kind", ModelKinds.Sbert),
            ("ModelCache:Models:1:Source", "test://embed"),
            ("ModelCache:PullWhenStale", "false"),
            ("ModelCache:Verification", setting.Level.ToString()),
            ("ModelCache:Mount:LagTimeout", ShortWaits.Longest.ToString()),
            ("ModelCache:Signing:MinimumSequence", minimumSequence.ToString(CultureInfo.InvariantCulture)),
            .. setting.HasKeys ? new[] { ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey) } : [],
        ]);

    private static bool Same(IReadOnlyDictionary<string, byte[]> found, IReadOnlyDictionary<string, byte[]> published) =>
        found.Count == published.Count && published.All(f => found.TryGetValue(f.Key, out var bytes) && bytes.AsSpan().SequenceEqual(f.Value));
}
