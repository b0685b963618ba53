using System.Security.Cryptography;
using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>What must hold of a store between any two steps.</summary>
internal static class StoreAssertions
{
    public static async Task<Dictionary<string, byte[]>> ReadAllAsync(this IObjectStore store)
    {
        var all = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await foreach (var item in store.ListAsync(""))
        {
            all[item.Name] = (await store.ReadAllAsync(item.Name, int.MaxValue, CancellationToken.None))!.Bytes;
        }

        return all;
    }

    /// <summary>Every version of the manifest is complete and has the bytes it says.</summary>
    public static async Task ShouldBeSoundAsync(this IObjectStore store)
    {
        var all = await store.ReadAllAsync();
        if (!all.TryGetValue(VersionFiles.Manifest, out var json))
        {
            return;
        }

        var manifest = ManifestJson.Parse(json, "the manifest");
        foreach (var (model, entry) in manifest.Models)
        {
            foreach (var version in entry.Versions)
            {
                foreach (var file in version.Files)
                {
                    var name = $"{version.Path}/{file.Path}";
                    all.Should().ContainKey(name, "model {0} keeps {1}", model, version.Version);
                    Convert.ToHexStringLower(SHA256.HashData(all[name])).Should().Be(file.Sha256, "of {0}", name);
                }

                Encoding.ASCII.GetString(all[$"{version.Path}/.done"]).Should().Be(version.Checksums + "\n");
            }
        }
    }

    /// <summary>Nothing lies about that nobody needs.</summary>
    public static async Task ShouldBeTidyAsync(this IObjectStore store)
    {
        var all = await store.ReadAllAsync();
        var manifest = ManifestJson.Parse(all[VersionFiles.Manifest], "the manifest");
        var known = manifest.Models.Values
            .SelectMany(e => e.Versions)
            .SelectMany(v => v.Files.Select(f => $"{v.Path}/{f.Path}"))
            .Append(VersionFiles.Manifest)
            .Concat(all.Keys.Where(k => k.StartsWith(".locks/", StringComparison.Ordinal)));
        all.Keys.Should().BeEquivalentTo(known);
    }
}
