using System.Globalization;
using System.Text;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A small model in the form of Ollama's registry: blobs, and a manifest that names them.</summary>
internal sealed class TestModel
{
    public TestModel(params (string Type, byte[] Content)[] layers)
    {
        Config = Encoding.UTF8.GetBytes("""{"model_format":"gguf","os":"linux"}""");
        Layers = layers;
        var described = layers.Select(l => Describe($"application/vnd.ollama.image.{l.Type}", l.Content));
        Manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{{Describe("application/vnd.docker.container.image.v1+json", Config)}},"layers":[{{string.Join(',', described)}}]}""");
    }

    public byte[] Config { get; }

    public IReadOnlyList<(string Type, byte[] Content)> Layers { get; }

    public byte[] Manifest { get; }

    public string Digest => $"sha256:{Sha256Hex.Of(Manifest)}";

    /// <summary>Gets the files as Ollama itself would have written them.</summary>
    public Dictionary<string, byte[]> Store(string manifestPath)
    {
        var files = Layers.Select(l => l.Content).Append(Config).DistinctBy(b => Sha256Hex.Of(b)).ToDictionary(b => $"blobs/sha256-{Sha256Hex.Of(b)}");
        files[manifestPath] = Manifest;
        return files;
    }

    /// <summary>Serves it as a registry does that gives blobs by itself.</summary>
    public void Serve(ScriptedServer server, string repository, string tag)
    {
        server.On($"/v2/{repository}/manifests/{tag}", Answers.Body(Manifest, "application/vnd.docker.distribution.manifest.v2+json", ("Docker-Content-Digest", Digest)));
        foreach (var blob in Layers.Select(l => l.Content).Append(Config))
        {
            server.On(BlobPath(repository, blob), Answers.File(blob));
        }
    }

    public static string BlobPath(string repository, byte[] blob) => $"/v2/{repository}/blobs/sha256:{Sha256Hex.Of(blob)}";

    private static string Describe(string mediaType, byte[] content) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"mediaType":"{{mediaType}}","digest":"sha256:{{Sha256Hex.Of(content)}}","size":{{content.Length}}}""");
}
