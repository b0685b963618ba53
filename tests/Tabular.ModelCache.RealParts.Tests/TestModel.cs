using System.Security.Cryptography;
using System.Text;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary>A model as Ollama pushes it: a manifest of Docker's schema 2 with layers of Ollama's media types.</summary>
internal sealed class TestModel
{
    public const string MediaType = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly byte[] _config = Encoding.UTF8.GetBytes("""{"model_format":"gguf","model_family":"llama","os":"linux"}""");
    private readonly byte[] _template = "{{ .Prompt }}"u8.ToArray();

    public TestModel(int bytes)
    {
        Weights = RandomNumberGenerator.GetBytes(bytes);
        Manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaType}}","config":{{Describe("application/vnd.docker.container.image.v1+json", _config)}},"layers":[""" +
            $"{Describe("application/vnd.ollama.image.model", Weights)},{Describe("application/vnd.ollama.image.template", _template)}]}}");
    }

    public byte[] Weights { get; }

    public byte[] Manifest { get; }

    public string Digest => DigestOf(Manifest);

    public IReadOnlyList<byte[]> Blobs => [Weights, _template, _config];

    public static string DigestOf(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    public async Task PushAsync(DockerRegistry registry, string repository, string tag)
    {
        foreach (var blob in Blobs)
        {
            await registry.PushBlobAsync(repository, blob);
        }

        await registry.PushManifestAsync(repository, tag, Manifest);
    }

    private static string Describe(string mediaType, byte[] content) => $$"""{"mediaType":"{{mediaType}}","digest":"{{DigestOf(content)}}","size":{{content.Length}}}""";
}
