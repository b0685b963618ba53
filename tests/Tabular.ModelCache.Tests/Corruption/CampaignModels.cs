using System.Text;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>
/// Two small models in the layouts of Ollama's store and of the Hugging Face cache. Both have files of one size, and one has a file with
/// region digests.
/// </summary>
internal static class CampaignModels
{
    public const string Llm = "llm";
    public const string Embed = "embed";

    /// <summary>The least that a manifest may have.</summary>
    public const int RegionSize = 1 << 20;

    public static (string Path, byte[] Content)[] CreateLlm(int content, int version)
    {
        var random = new Random((content * 100) + version);
        byte[][] blobs = [Bytes(random, RegionSize + 40_000), Bytes(random, 300), Bytes(random, 300), Bytes(new Random(content), 1500)];
        var names = blobs.Select(b => Sha256Hex.Of(b)).ToList();
        var manifest = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"layers":[{{string.Join(',', names.Select(n => $"\"sha256:{n}\""))}}]}""");
        return
        [
            .. names.Zip(blobs).Select(b => ($"blobs/sha256-{b.First}", b.Second)),
            ("manifests/registry.ollama.ai/library/llm/latest", manifest),
        ];
    }

    public static (string Path, byte[] Content)[] CreateEmbed(int content, int version)
    {
        var random = new Random((content * 100) + 50 + version);
        var commit = Convert.ToHexStringLower(Bytes(random, 20));
        var snapshot = $"models--org--embed/snapshots/{commit}";
        return
        [
            ($"{snapshot}/1_Pooling/config.json", """{"pooling_mode_mean_tokens":true}"""u8.ToArray()),
            ($"{snapshot}/config.json", """{"hidden_size":384}"""u8.ToArray()),
            ($"{snapshot}/model.safetensors", Bytes(random, 20_000)),
            ($"{snapshot}/tokenizer.json", Bytes(random, 700)),
            ($"{snapshot}/vocab.txt", Bytes(random, 700)),
            ("models--org--embed/refs/main", Encoding.UTF8.GetBytes(commit)),
        ];
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
