using Tabular.ModelCache.Sources.Ollama;

namespace Tabular.ModelCache.Tests.Sources.Ollama;

public sealed class OllamaReferenceTests
{
    private const string Hex = "baf6a787fdffd633537aa2eb51cfd54cb93ff08e28040095462bb63daf552878";

    [Theory]
    [InlineData("ollama://llama3.2:1b", "https", "registry.ollama.ai", "library", "llama3.2", "1b")]
    [InlineData("ollama://llama3.2", "https", "registry.ollama.ai", "library", "llama3.2", "latest")]
    [InlineData("ollama://Mistral:7B-Q4_0", "https", "registry.ollama.ai", "library", "Mistral", "7B-Q4_0")]
    [InlineData("ollama://someone/model", "https", "registry.ollama.ai", "someone", "model", "latest")]
    [InlineData("ollama://hf.co/Org/Model-GGUF:Q8_0", "https", "hf.co", "Org", "Model-GGUF", "Q8_0")]
    [InlineData("ollama://registry.test:5000/ns/model", "https", "registry.test:5000", "ns", "model", "latest")]
    [InlineData("ollama://http://registry.test/ns/model", "http", "registry.test", "ns", "model", "latest")]
    [InlineData("ollama://HTTPS://localhost:5000/ns/model:t", "https", "localhost:5000", "ns", "model", "t")]
    [InlineData("ollama://localhost:5000/ns/model:t", "http", "localhost:5000", "ns", "model", "t")]
    [InlineData("ollama://127.4.5.6/ns/model", "http", "127.4.5.6", "ns", "model", "latest")]
    [InlineData("ollama://_m:local", "https", "registry.ollama.ai", "library", "_m", "latest")]
    public void Parse_Name_FollowsOllama(string uri, string scheme, string host, string ns, string model, string tag)
    {
        OllamaReference.Parse(uri).Should().Be(new OllamaReference(scheme, host, ns, model, tag, null));
        OllamaReference.Parse($"{uri}@sha256:{Hex}").Should().Be(new OllamaReference(scheme, host, ns, model, tag, $"sha256:{Hex}"));
    }

    [Fact]
    public void Parse_Name_GivesPathsAndAddresses()
    {
        var reference = OllamaReference.Parse("ollama://localhost:5000/ns/model:t");

        reference.ManifestPath.Should().Be("manifests/localhost:5000/ns/model/t");
        reference.ManifestUri("t").Should().Be("http://localhost:5000/v2/ns/model/manifests/t");
        reference.BlobUri(Hex).Should().Be($"http://localhost:5000/v2/ns/model/blobs/sha256:{Hex}");
        OllamaReference.Parse("ollama://llama3.2:1b").ManifestPath.Should().Be("manifests/registry.ollama.ai/library/llama3.2/1b");
        OllamaReference.Parse("ollama://llama3.2:1b").ShortName.Should().Be("llama3.2:1b");
    }

    [Theory]
    [InlineData("ollama://gpt-oss:cloud", "*'cloud'*runs in Ollama's cloud*")]
    [InlineData("ollama://gpt-oss:120b-CLOUD", "*'120b-CLOUD'*runs in Ollama's cloud*")]
    [InlineData("ollama://a/b/c/d", "*more than the three parts*")]
    [InlineData("ollama://:1b", "*its model '' is empty*")]
    [InlineData("ollama://model:", "*its tag '' is empty*")]
    [InlineData("ollama:///model", "*its namespace '' is empty*")]
    [InlineData("ollama://model:a b", "*its tag 'a b' has a character other than letters*")]
    [InlineData("ollama://model:1b?x=1", "*its tag '1b?x=1' has a character*")]
    [InlineData("ollama://.hidden", "*its model '.hidden' does not begin with*")]
    [InlineData("ollama://../x/model", "*its host '..' does not begin with*")]
    [InlineData("ollama://name.space/model", "*its namespace 'name.space' has a character*")]
    [InlineData("ollama://[::1]:5000/ns/model", "*its host '[::1]:5000' does not begin with*")]
    [InlineData("ollama://host:x/ns/model", "*its host 'host:x' is not the address of a server*")]
    [InlineData("ollama://modèle", "*its model 'modèle' has a character*")]
    [InlineData("ollama://model@sha256:12", "*after '@' stands no sha256*")]
    [InlineData("ollama://model@sha1:" + Hex, "*after '@' stands no sha256*")]
    public void Parse_BrokenRule_IsNamed(string uri, string message)
    {
        var parse = () => OllamaReference.Parse(uri);

        parse.Should().Throw<ModelCacheException>().Which.Message.Should().Match(message).And.Contain("expected is ollama://");
    }

    [Fact]
    public void Parse_PartsAtTheirLimits_AreAllowedAndNoMore()
    {
        var (part, host) = (new string('a', 80), string.Concat(Enumerable.Repeat("abcdefghi.", 25)) + "test");

        OllamaReference.Parse($"ollama://{host}/{part}/{part}:{part}").Tag.Should().Be(part);
        foreach (var tooLong in new[] { $"{part}b", $"{part}b/m", $"m:{part}b", $"{new string('a', 351)}/n/m" })
        {
            var parse = () => OllamaReference.Parse($"ollama://{tooLong}");
            parse.Should().Throw<ModelCacheException>().WithMessage("*is longer than*");
        }
    }
}
