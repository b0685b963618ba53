using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Tabular.ModelCache.Tests.Configuration;

public sealed class ModelCacheOptionsTests
{
    private static readonly (string Key, string? Value)[] Valid =
    [
        ("ModelCache:MountPath", "/models"),
        ("ModelCache:Models:0:Name", "llm"),
        ("ModelCache:Models:0:Kind", "ollama"),
        ("ModelCache:Models:0:Source", "dir:///srv/llm"),
    ];

    [Theory]
    [InlineData("Models:0:Name", null, "ModelCache:Models:0:Name is not set; allowed are 1 to 64 letters")]
    [InlineData("Models:0:Name", "../x", "ModelCache:Models:0:Name is '../x'; allowed are")]
    [InlineData("Models:0:Kind", null, "ModelCache:Models:0:Kind is not set; a source of the scheme dir:// needs one: ollama or sbert")]
    [InlineData("Models:0:Kind", "gpu", "ModelCache:Models:0:Kind is 'gpu'; allowed are ollama and sbert")]
    [InlineData("Models:0:Source", "ftp://x", "ModelCache:Models:0:Source is 'ftp://x'; allowed is a URI of one of the schemes dir://")]
    [InlineData("Models:0:Source", "dir://", "ModelCache:Models:0:Source is 'dir://'; allowed is")]
    [InlineData("Models:0:Version", "", "ModelCache:Models:0:Version is ''")]
    [InlineData("Models:0:Version", "other-2026-01-01", "ModelCache:Models:0:Version is 'other-2026-01-01'; allowed for the model 'llm' is llm-yyyy-mm-dd")]
    [InlineData("StartupDeadline", "-00:00:05", "ModelCache:StartupDeadline is -00:00:05; allowed is a time span from 00:00:01 to 1.00:00:00")]
    [InlineData("Lease:CommandWait", "-00:00:01", "ModelCache:Lease:CommandWait is -00:00:01; allowed is")]
    [InlineData("Lease:Ttl", "00:00:01", "ModelCache:Lease:Ttl is 00:00:01; allowed is")]
    [InlineData("Mount:LagTimeout", "-1", "ModelCache:Mount:LagTimeout is")]
    [InlineData("Retention:Keep", "0", "ModelCache:Retention:Keep is 0; allowed is a number from 1 to 1000")]
    [InlineData("MountPath", "", "ModelCache:MountPath is empty; allowed is")]
    [InlineData("Bucket", "b", "ModelCache:Bucket is 'b', but ModelCache:SharedVolumeEnabled is false")]
    [InlineData("Models:0:AllowPatterns:0", "", "ModelCache:Models:0:AllowPatterns:0 is ''; allowed is a pattern of 1 to 256 characters")]
    [InlineData("Models:0:IgnorePatterns:0", "*.md", "ModelCache:Models:0:IgnorePatterns is set, but a source of the scheme dir:// is always taken whole")]
    [InlineData("Prefix", "a//b", "ModelCache:Prefix is 'a//b', which has an empty part")]
    public void Validate_WrongValue_NamesPathValueAndWhatIsAllowed(string key, string? value, string expected)
    {
        var read = () => Read([.. Valid, ("ModelCache:" + key, value)]);

        read.Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainMatch($"*{expected}*");
    }

    [Fact]
    public void Validate_TwoModelsOfOneName_NamesBoth()
    {
        var read = () => Read([
            .. Valid, ("ModelCache:Models:1:Name", "LLM"), ("ModelCache:Models:1:Kind", "sbert"), ("ModelCache:Models:1:Source", "dir:///x")]);

        read.Should().Throw<OptionsValidationException>().WithMessage("*ModelCache:Models:1:Name is 'LLM', as is ModelCache:Models:0:Name*");
    }

    [Fact]
    public void Validate_VersionAndDigest_AreNotBothAllowed()
    {
        var read = () => Read([.. Valid, ("ModelCache:Models:0:Version", "llm-2026-01-01"), ("ModelCache:Models:0:Digest", "sha256:1")]);

        read.Should().Throw<OptionsValidationException>().WithMessage("*only one of the two*");
    }

    [Fact]
    public void Validate_NoModels_ShowsAnExample()
    {
        var read = () => Read(("ModelCache:MountPath", "/models"));

        read.Should().Throw<OptionsValidationException>().WithMessage("*ModelCache:Models is empty*ModelCache__Models__0__Name*");
    }

    [Fact]
    public void Read_Defaults_AreThoseOfADirectory()
    {
        var options = Read(Valid);

        options.SharedVolumeEnabled.Should().BeFalse();
        options.Verification.Should().Be(VerificationLevel.Marker);
        options.Lease.Ttl.Should().Be(TimeSpan.FromSeconds(10));
        options.StartupDeadline.Should().Be(TimeSpan.FromSeconds(225));
        options.Retention.Keep.Should().Be(3);
        options.Retention.GracePeriod.Should().Be(TimeSpan.FromDays(7));
    }

    [Fact]
    public void Read_SharedWithABucket_DefaultsToMetadataAndALongerTtl()
    {
        var options = Read([.. Valid, ("SHARED_MODEL_VOLUME_ENABLED", "1"), ("ModelCache:Bucket", "b")]);

        options.SharedVolumeEnabled.Should().BeTrue();
        options.Verification.Should().Be(VerificationLevel.Metadata);
        options.Lease.Ttl.Should().Be(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("ollama://llama3.2:1b", "ollama")]
    [InlineData("hf://BAAI/bge-m3", "sbert")]
    public void Read_KnownScheme_InfersTheKind(string source, string kind)
    {
        var options = Read(
            builder => builder.AddSource("ollama", _ => null!).AddSource("hf", _ => null!),
            ("ModelCache:MountPath", "/models"), ("ModelCache:Models:0:Name", "m"), ("ModelCache:Models:0:Source", source));

        options.Models[0].Kind.Should().Be(kind);
    }

    [Fact]
    public void Read_DeploymentVariables_FillWhatTheSectionLeavesOpen()
    {
        var options = Read([.. Valid[1..], ("MODEL_CACHE_PATH", "/mnt/cache"), ("SHARED_MODEL_VOLUME_ENABLED", "false")]);

        options.MountPath.Should().Be("/mnt/cache");
        options.SharedVolumeEnabled.Should().BeFalse();
    }

    [Fact]
    public void Read_SectionAndVariable_TheSectionWins()
    {
        Read([.. Valid, ("MODEL_CACHE_PATH", "/mnt/cache")]).MountPath.Should().Be("/models");
    }

    [Fact]
    public void Read_BadSwitch_NamesTheVariable()
    {
        var read = () => Read([.. Valid, ("SHARED_MODEL_VOLUME_ENABLED", "maybe")]);

        read.Should().Throw<OptionsValidationException>().WithMessage("*SHARED_MODEL_VOLUME_ENABLED is 'maybe'; allowed are true, false, 1 and 0*");
    }

    [Theory]
    [InlineData("/models/ollama", null)]
    [InlineData("/models/ollama/", null)]
    [InlineData(" \"/models/ollama\" ", null)]
    [InlineData("/models/ollama/llm-2026-01-02-0123456789ab", "llm-2026-01-02-0123456789ab")]
    [InlineData("/models/ollama/llm-2026-01-02", "llm-2026-01-02")]
    public void Read_OllamaModels_LeavesOpenOrPins(string value, string? version)
    {
        Read([.. Valid, ("OLLAMA_MODELS", value)]).Models[0].Version.Should().Be(version);
    }

    [Theory]
    [InlineData("OLLAMA_MODELS", "/root/.ollama/models")]
    [InlineData("OLLAMA_MODELS", "/models/ollama/other-2026-01-02-0123456789ab")]
    [InlineData("OLLAMA_MODELS", "/models/ollama/llm-2026-01-02-0123456789ab/blobs")]
    [InlineData("OLLAMA_MODELS", "/models/sbert")]
    [InlineData("SENTENCE_TRANSFORMERS_HOME", "/models/sbert/emb-2026")]
    [InlineData("HUGGINGFACE_HUB_CACHE", "/models/ollama")]
    public void Read_ReaderVariableThatPointsElsewhere_IsNamed(string variable, string value)
    {
        var read = () => Read([.. Valid, (variable, value)]);

        read.Should().Throw<OptionsValidationException>().WithMessage($"*{variable} is '{value}'; allowed are*");
    }

    [Fact]
    public void Read_TwoReaderVariablesThatPinDifferently_AreNamed()
    {
        var read = () => Read([
            ("ModelCache:MountPath", "/models"), ("ModelCache:Models:0:Name", "emb"), ("ModelCache:Models:0:Kind", "sbert"), ("ModelCache:Models:0:Source", "dir:///x"),
            ("SENTENCE_TRANSFORMERS_HOME", "/models/sbert/emb-2026-01-01"), ("HUGGINGFACE_HUB_CACHE", "/models/sbert/emb-2026-01-02")]);

        read.Should().Throw<OptionsValidationException>().WithMessage("*HUGGINGFACE_HUB_CACHE pins 'emb-2026-01-02', but SENTENCE_TRANSFORMERS_HOME*");
    }

    [Fact]
    public void Read_ExplicitVersionAndVariable_TheVersionWins()
    {
        Read([.. Valid, ("ModelCache:Models:0:Version", "llm-2026-01-01"), ("OLLAMA_MODELS", "/models/ollama/llm-2026-01-02")])
            .Models[0].Version.Should().Be("llm-2026-01-01");
    }

    [Fact]
    public void AddModelCache_Twice_RegistersEverythingOnce()
    {
        var services = new ServiceCollection();
        services.AddModelCache();
        var once = services.Count;

        services.AddModelCache();

        services.Should().HaveCount(once);
    }

    [Fact]
    public void AddModelCache_TwiceWithEqualSettings_IsOneSetOfModels()
    {
        static void Configure(ModelCacheOptions options)
        {
            options.MountPath = "/models";
            options.Models.Add(new ModelOptions { Name = "llm", Kind = "ollama", Source = "dir:///x" });
        }

        var services = new ServiceCollection();
        services.AddModelCache(Configure);
        services.AddModelCache(Configure);

        services.BuildServiceProvider().GetRequiredService<IOptions<ModelCacheOptions>>().Value.Models.Should().ContainSingle();
    }

    [Fact]
    public void AddModelCache_TwiceWithConflictingSettings_Throws()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(Build(Valid));
        services.AddModelCache(o => o.StartupDeadline = TimeSpan.FromSeconds(10));
        services.AddModelCache(o => o.StartupDeadline = TimeSpan.FromSeconds(20));

        var read = () => services.BuildServiceProvider().GetRequiredService<IOptions<ModelCacheOptions>>().Value;

        read.Should().Throw<OptionsValidationException>().WithMessage("*StartupDeadline = '00:00:10' and '00:00:20'*");
    }

    [Fact]
    public void AddModelCache_TwoSections_Throws()
    {
        var configuration = Build(Valid);
        var services = new ServiceCollection();
        services.AddModelCache(configuration.GetSection("A"));

        services.Invoking(s => s.AddModelCache(configuration.GetSection("B"))).Should().Throw<InvalidOperationException>().WithMessage("*'A'*'B'*");
    }

    [Fact]
    public void AddModelCache_SectionOfAnotherName_IsNamedInMessages()
    {
        var services = new ServiceCollection();
        services.AddModelCache(Build(("Cache:MountPath", "/models")).GetSection("Cache"));

        var read = () => services.BuildServiceProvider().GetRequiredService<IOptions<ModelCacheOptions>>().Value;

        read.Should().Throw<OptionsValidationException>().WithMessage("*Cache:Models is empty*");
    }

    [Fact]
    public void AddModelCache_WholeConfiguration_TakesTheSectionInIt()
    {
        var services = new ServiceCollection();
        services.AddModelCache(Build(Valid));

        services.BuildServiceProvider().GetRequiredService<IOptions<ModelCacheOptions>>().Value.Models.Should().ContainSingle();
    }

    private static ModelCacheOptions Read(params (string Key, string? Value)[] settings) => Read(_ => { }, settings);

    private static ModelCacheOptions Read(Action<IModelCacheBuilder> configure, params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(Build(settings));
        configure(services.AddModelCache());
        return services.BuildServiceProvider().GetRequiredService<IOptions<ModelCacheOptions>>().Value;
    }

    private static IConfigurationRoot Build(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Reverse().DistinctBy(s => s.Key).Select(s => KeyValuePair.Create(s.Key, s.Value)))
            .Build();
}
