using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Tests.Signing;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>Signatures that are missing, or are good ones of something or somebody else.</summary>
internal static class SignatureCorruptions
{
    public static IEnumerable<CorruptionKind> All =>
    [
        Of("the signature missing", async b =>
        {
            await b.DeleteAsync(b.SignatureName);
            return [b.SignatureName];
        }),
        Of("the signature of an older manifest in its place", async b =>
        {
            await b.CopyAsync(ManifestTrust.NameFor(b.Pick([.. b.Buckets.Main.Manifests.SkipLast(1)])), b.SignatureName);
            return [b.SignatureName];
        }),
        Of("a version's `model.sig` in its place", async b =>
        {
            await b.CopyAsync($"{b.Active.Path}/{VersionFiles.Signature}", b.SignatureName);
            return [b.SignatureName];
        }),
        Of("signed with another key", b => SignAsync(b, b.Buckets.Main.Newest, [])),
        Of("a file altered, all else made to fit, signed with another key", async b =>
        {
            var suspects = await ManifestCorruptions.ForgeAsync(b, b.Grow);
            return await SignAsync(b, await b.ReadAsync(VersionFiles.Manifest), suspects);
        }),
    ];

    private static CorruptionKind Of(string name, Func<BucketChanger, Task<string[]>> change) => CorruptionKind.Of(name, CorruptionPlace.Store, change);

    /// <summary>Signs with a key of the attacker's, under its own hint, that of the trusted key, or none.</summary>
    private static async Task<string[]> SignAsync(BucketChanger b, byte[] manifest, string[] suspects)
    {
        var stranger = await EnvelopeSigner.GetKeyAsync(b.Buckets.Stranger, default);
        var signed = Encoding.UTF8.GetString(await ManifestTrust.SignAsync(b.Buckets.Stranger, manifest, default));
        var hint = b.Pick([stranger.Hint, Vectors.Hint, ""]);
        await b.WriteAsync(ManifestTrust.NameFor(manifest), Encoding.UTF8.GetBytes(signed.Replace(stranger.Hint, hint, StringComparison.Ordinal)));
        return [ManifestTrust.NameFor(manifest), .. suspects];
    }
}
