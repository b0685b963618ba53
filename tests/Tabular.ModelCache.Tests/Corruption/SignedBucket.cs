using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Tests.Signing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>A bucket with two versions of each of two models, as the real publisher makes and signs it.</summary>
/// <param name="Store">Where it lies.</param>
/// <param name="Manifests">The bytes of each manifest that was live, the newest last.</param>
/// <param name="Versions">What was published, markers included: the path of a version's folder, then the path of a file in it.</param>
internal sealed record SignedBucket(
    IObjectStore Store, IReadOnlyList<byte[]> Manifests, IReadOnlyDictionary<string, IReadOnlyDictionary<string, byte[]>> Versions)
{
    private const int Limit = 64 << 20;

    private static readonly FixedSizeSigner Signer = new(Vectors.PrivateKey);
    private static readonly PartLimits Limits = new() { RegionSize = CampaignModels.RegionSize };

    public byte[] Newest => Manifests[^1];

    /// <summary>Publishes both models twice.</summary>
    /// <param name="store">The empty store.</param>
    /// <param name="content">Which content; two buckets of one content and day have the same versions.</param>
    /// <param name="clock">The clock of the publisher.</param>
    public static async Task<SignedBucket> PublishAsync(IObjectStore store, int content, ShortWaits clock)
    {
        var manifests = new List<byte[]>();
        for (var version = 1; version <= 2; version++)
        {
            await PublishAsync(CampaignModels.Llm, ModelKinds.Ollama, CampaignModels.CreateLlm(content, version));
            await PublishAsync(CampaignModels.Embed, ModelKinds.Sbert, CampaignModels.CreateEmbed(content, version));
        }

        var versions = new Dictionary<string, IReadOnlyDictionary<string, byte[]>>(StringComparer.Ordinal);
        foreach (var version in ManifestJson.Parse(manifests[^1], "manifest").Models.Values.SelectMany(e => e.Versions))
        {
            versions[version.Path] = await ReadFolderAsync(store, version.Path);
        }

        return new SignedBucket(store, manifests, versions);

        async Task PublishAsync(string model, string kind, (string, byte[])[] files)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            var source = new TestSource();
            source.Set(files);
            await using var cache = new TestCache(
                store,
                source,
                b => b.Services.AddSingleton(Limits).AddSingleton(new ModelCacheClock(clock, new Random(content))).AddModelCache().UseSigner(_ => Signer),
                ("ModelCache:Models:0:Name", model),
                ("ModelCache:Models:0:Kind", kind));
            var result = await cache.Services.GetRequiredService<ModelPuller>().SyncAsync(cache.Wanted, TimeSpan.Zero, default);
            result.Action.Should().Be(PublishAction.Published);
            manifests.Add(await ReadAsync(store, VersionFiles.Manifest));
        }
    }

    public static async Task<byte[]> ReadAsync(IObjectStore store, string name) => (await store.ReadAllAsync(name, Limit, default))!.Bytes;

    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadFolderAsync(IObjectStore store, string folder)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var prefix = folder + "/";
        await foreach (var item in store.ListAsync(prefix))
        {
            files[item.Name[prefix.Length..]] = await ReadAsync(store, item.Name);
        }

        return files;
    }
}
