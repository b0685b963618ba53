using System.Text;
using Tabular.ModelCache.Sources.Ollama;

namespace Tabular.ModelCache.Tests.Sources.Ollama;

public sealed class OllamaManifestTests
{
    private const string One = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    private const string Two = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

    /// <summary>The manifest of llama3.2:1b, as the registry has served it since 2024.</summary>
    private const string Llama =
        """{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"sha256:4f659a1e86d7f5a33c389f7991e7224b7ee6ad0358b53437d54c02d2e1b1118d","size":485},"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:74701a8c35f6c8d9a4b91f3f3497643001d63e0c7a84e085bed452548fa88d45","size":1321082688},{"mediaType":"application/vnd.ollama.image.template","digest":"sha256:966de95ca8a62200913e3f8bfbf84c8494536f1b94b49166851e76644e966396","size":1429},{"mediaType":"application/vnd.ollama.image.license","digest":"sha256:fcc5a6bec9daf9b561a68827b67ab6088e1dba9d1fa2a50d7bbcc8384e0a265d","size":7711},{"mediaType":"application/vnd.ollama.image.license","digest":"sha256:a70ff7e570d97baaf4e62ac6e6ad9975e04caa6d900d3742d37698494479e0cd","size":6016}]}""";

    [Fact]
    public void Parse_Llama_HasItsDigestAndItsFiles()
    {
        var bytes = Encoding.ASCII.GetBytes(Llama);
        bytes.Should().HaveCount(860);

        var manifest = OllamaManifest.Parse(bytes, "llama3.2:1b");
        var files = ManifestSourceFile.List(
            OllamaReference.Parse("ollama://llama3.2:1b"), manifest, b => new ManifestSourceFile([]) { Path = b.Path, Size = b.Size, Sha256 = b.Sha256 });

        manifest.Digest.Should().Be("sha256:baf6a787fdffd633537aa2eb51cfd54cb93ff08e28040095462bb63daf552878");
        manifest.Blobs.Sum(b => b.Size).Should().Be(1_321_098_329);
        files.Select(f => (f.Path, f.Size)).Should().Equal(
            ("blobs/sha256-74701a8c35f6c8d9a4b91f3f3497643001d63e0c7a84e085bed452548fa88d45", 1_321_082_688),
            ("blobs/sha256-966de95ca8a62200913e3f8bfbf84c8494536f1b94b49166851e76644e966396", 1429),
            ("blobs/sha256-fcc5a6bec9daf9b561a68827b67ab6088e1dba9d1fa2a50d7bbcc8384e0a265d", 7711),
            ("blobs/sha256-a70ff7e570d97baaf4e62ac6e6ad9975e04caa6d900d3742d37698494479e0cd", 6016),
            ("blobs/sha256-4f659a1e86d7f5a33c389f7991e7224b7ee6ad0358b53437d54c02d2e1b1118d", 485),
            ("manifests/registry.ollama.ai/library/llama3.2/1b", 860));
        files.Should().OnlyContain(f => f.Sha256 != null);
    }

    [Fact]
    public void Parse_SafetensorsAndUnknownLayers_AreBlobsEachOnce()
    {
        var manifest = Parse($$$"""
            {"schemaVersion":2,"config":{{{Layer(Two, 2)}}},"layers":[
              {"mediaType":"application/vnd.ollama.image.tensor","digest":"{{{One}}}","size":1,"name":"model.embed"},
              {"mediaType":"application/vnd.ollama.image.json","digest":"{{{One}}}","size":1},
              {"mediaType":"something/new","digest":"{{{Two}}}","size":2,"future":{"a":[1]}}]}
            """);

        manifest.Blobs.Select(b => b.Size).Should().Equal(1, 2);
    }

    [Theory]
    [InlineData("", "*not valid JSON*")]
    [InlineData("null", "*is empty*")]
    [InlineData("[]", "*not valid JSON*")]
    [InlineData("""{"schemaVersion":2,"schemaVersion":2}""", "*not valid JSON*")]
    [InlineData("""{"schemaVersion":1,"config":CONFIG,"layers":[CONFIG]}""", "*schemaVersion 2*")]
    [InlineData("""{"schemaVersion":2,"layers":[CONFIG]}""", "*a config*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[]}""", "*at least one layer*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[null]}""", "*digest ''*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"digest":null,"size":1}]}""", "*not valid JSON*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"size":1}]}""", "*not valid JSON*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"digest":"sha256:../../x","size":1}]}""", "*digest 'sha256:../../x'*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"digest":"sha512:11","size":1}]}""", "*digest 'sha512:11'*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"digest":"DIGEST","size":-1}]}""", "*size -1*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"digest":"DIGEST","size":2}]}""", "*size 2 and the size 1*")]
    [InlineData("""{"schemaVersion":2,"config":CONFIG,"layers":[{"digest":"DIGEST","size":1e30}]}""", "*not valid JSON*")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", "*an index of several manifests*")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json"}""", "*an index of several manifests*")]
    public void Parse_NoManifestOfAModel_IsRefused(string json, string message)
    {
        var parse = () => Parse(json.Replace("CONFIG", Layer(One, 1)).Replace("DIGEST", One));

        parse.Should().Throw<ModelCacheException>().Which.Message.Should().Match(message).And.StartWith("The manifest of m cannot be used").And.NotContain("\n");
    }

    private static string Layer(string digest, long size) => $$"""{"digest":"{{digest}}","size":{{size}}}""";

    private static OllamaManifest Parse(string json) => OllamaManifest.Parse(Encoding.UTF8.GetBytes(json), "m");
}
