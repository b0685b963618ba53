using System.Text;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Sources.HuggingFace;
using Tabular.ModelCache.Sources.Ollama;
using static Tabular.ModelCache.Tests.Fuzzing.InvariantException;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>The parsers of what the kernel and the settings say.</summary>
internal static class SystemTargets
{
    private const int LongestSetting = 4096;
    private static readonly string[] Words =
        ["ollama://", "hf://", "https://", "http://", "localhost", "[::1]", "127.0.0.1:5000", "library", "latest", "main", "refs/pr/1", "sha256:", new string('a', 64), new string('0', 40), "--", "..", ".git", ":cloud", ":local", "@{"];

    public static FuzzTarget Mounts { get; } = new(
        [
            "36 35 98:0 /mnt1 /models rw,noatime master:1 - fuse.gcsfuse bucket rw,user_id=0\n37 35 0:5 / /proc rw - proc proc rw\n"u8.ToArray(),
            "1 0 0:1 / / rw - overlay overlay rw,lowerdir=/a\n40 1 0:9 /a\\040b /models/x\\134y ro,relatime shared:1 master:2 - fuse.rclone r:b ro\n"u8.ToArray(),
        ],
        MountInfo.MaxBytes,
        bytes =>
        {
            var entries = MountInfo.Parse(Encoding.UTF8.GetString(bytes));
            foreach (var entry in entries)
            {
                Require(entry.MountPoint.StartsWith('/'), "a mount point is not absolute");
            }

            var found = MountInfo.Find(entries, "/models/x");
            Require(found is null || "/models/x".StartsWith(found.MountPoint.TrimEnd('/'), StringComparison.Ordinal), "the mount does not cover the path");
            return found is not null;
        })
    { IsJson = false, Words = ["/models", "/", "-", "fuse.gcsfuse", "\\040", "\\134", "\\8", "rw", "shared:1"] };

    public static FuzzTarget Source { get; } = new(
        [.. new[] { "ollama://llama3.2:1b", "hf://BAAI/bge-m3@main", "dir:///srv/models" }.Select(Encoding.UTF8.GetBytes)],
        LongestSetting,
        bytes =>
        {
            var uri = Encoding.UTF8.GetString(bytes);
            var scheme = ModelSourceUri.SchemeOf(uri);
            Require(scheme is null || $"{scheme}://{ModelSourceUri.RestOf(uri)}" == uri, "its parts do not make it up");
            return scheme is not null;
        })
    { IsJson = false, Words = Words };

    public static FuzzTarget OllamaSource { get; } = new(
        [
            .. new[]
            {
                "ollama://llama3.2:1b",
                "ollama://http://127.0.0.1:5005/library/llama3.2:1b@sha256:" + new string('a', 64),
                "ollama://registry.example.com/team/model:v1.0",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        LongestSetting,
        bytes =>
        {
            var text = Encoding.UTF8.GetString(bytes);
            if (ModelSourceUri.SchemeOf(text) is null)
            {
                // No source is asked for it.
                return false;
            }

            var reference = OllamaReference.Parse(text);
            RequireSafePath(reference.ManifestPath);
            var uri = reference.ManifestUri(reference.Tag);
            Require(uri.AbsolutePath == $"/v2/{reference.Namespace}/{reference.Model}/manifests/{reference.Tag}" && uri.UserInfo.Length == 0 && uri.Query.Length == 0, $"it leads to {uri}");
            Require(reference.Scheme is "http" or "https", "its scheme is another");
            return true;
        },
        typeof(ModelCacheException))
    { IsJson = false, Words = Words };

    public static FuzzTarget HubSource { get; } = new(
        [.. new[] { "BAAI/bge-m3", "gpt2@refs/pr/1", "BAAI/bge-m3@" + new string('a', 40) }.Select(Encoding.UTF8.GetBytes)],
        LongestSetting,
        bytes =>
        {
            if (!HubReference.TryParse(Encoding.UTF8.GetString(bytes), out var reference, out var problem))
            {
                Require(problem.Length > 0, "it does not say what is wrong");
                return false;
            }

            RequireSafePath(reference.Folder);
            RequireSafePath($"refs/{reference.Revision}");
            Require(!reference.Folder.Contains('/', StringComparison.Ordinal), "its folder is several");
            var uri = new HubEndpoint("https://hub.test/base", []).Revision(reference, reference.Revision);
            Require(uri.AbsolutePath.StartsWith($"/base/api/models/{reference.Id}/revision/", StringComparison.Ordinal) && uri.Host == "hub.test" && uri.Query.Length == 0, $"it leads to {uri}");
            return true;
        })
    { IsJson = false, Words = Words };
}
