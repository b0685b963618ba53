using System.Text.RegularExpressions;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>What can be told of the image without a container engine.</summary>
public sealed class DockerfileTests
{
    private readonly Dockerfile _dockerfile = Dockerfile.Read();

    [Fact]
    public void Copy_EverySource_ExistsAndIsSent()
    {
        var sources = _dockerfile.Copies.SelectMany(c => c.Sources).ToList();

        sources.Should().NotBeEmpty().And.OnlyContain(s => Path.Exists(Repository.PathOf(s)));
        sources.Should().OnlyContain(s => _dockerfile.IsSent(s.TrimEnd('/')));
        _dockerfile.IsSent("samples/Tabular/bin/Debug/net10.0/Tabular.dll").Should().BeFalse();
        _dockerfile.IsSent("samples/Tabular/.models/manifest.json").Should().BeFalse("no model is in the image");
        _dockerfile.IsSent(".git/config").Should().BeFalse();
    }

    [Fact]
    public void Images_EveryOne_IsPinned() =>
        _dockerfile.BaseImages.Should().HaveCount(4).And.OnlyContain(
        i => Regex.IsMatch(i, @":\d+\.\d+\.\d+(-[a-z]+)?$|@sha256:[0-9a-f]{64}$"));

    [Fact]
    public void Image_OfTheApp_HasTheOrderedVariablesAndAUserWithoutRights()
    {
        var environment = _dockerfile.Environment();
        environment.Should().Contain("OLLAMA_MODELS", "/models/ollama").And.Contain("SENTENCE_TRANSFORMERS_HOME", "/models/sbert")
            .And.Contain("HUGGINGFACE_HUB_CACHE", "/models/sbert").And.Contain("MODEL_CACHE_PATH", "/models");
        _dockerfile.Find("USER").Last().Arguments.Should().Be("$APP_UID", "the user of Microsoft's images, 1654, without rights");
        _dockerfile.Find("ENTRYPOINT").Single().Arguments.Should().Be("""["dotnet", "/app/Tabular.dll"]""");
        _dockerfile.Find("HEALTHCHECK").Single().Arguments.Should().Contain("/livez").And.Contain("MODEL_SYNC_MODE");
    }
}
