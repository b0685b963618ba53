using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>Settings that cannot be right end the start at once, in one line with the path, the value and what is allowed.</summary>
public sealed class WrongSettingsTests : IDisposable
{
    private readonly Deployment _deployment = new Deployment().WithModel("embedder", "sbert");

    public WrongSettingsTests() => ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 1, 1000);

    public static TheoryData<string, string?, string[]> Mistakes => new()
    {
        { "ModelCache__Models__0__Name", null, ["ModelCache:Models:0:Name", "not set", "1 to 64"] },
        { "ModelCache__Models__0__Name", "../up", ["ModelCache:Models:0:Name", "'../up'", "1 to 64"] },
        { "ModelCache__Models__0__Source", "ftp://example/model", ["ModelCache:Models:0:Source", "'ftp://example/model'", "dir://"] },
        { "ModelCache__Models__0__Source", null, ["ModelCache:Models:0:Source", "not set", "dir://"] },
        { "ModelCache__Models__0__Kind", "onnx", ["ModelCache:Models:0:Kind", "'onnx'", "ollama", "sbert"] },
        { "ModelCache__StartupDeadline", "-00:00:05", ["ModelCache:StartupDeadline", "-00:00:05", "00:00:01"] },
        { "ModelCache__StartupDeadline", "soon", ["ModelCache:StartupDeadline", "'soon'", "time span"] },
        { "ModelCache__Lease__Ttl", "00:00:01", ["ModelCache:Lease:Ttl", "00:00:01", "00:00:04"] },
        { "ModelCache__Verification", "Everything", ["ModelCache:Verification", "'Everything'", "Marker, Metadata, Content"] },
        { "MODEL_SYNC_MODE", "maybe", ["MODEL_SYNC_MODE", "'maybe'", "true, false"] },
        { "SHARED_MODEL_VOLUME_ENABLED", "maybe", ["SHARED_MODEL_VOLUME_ENABLED", "'maybe'", "true, false"] },
        { "ModelCache__SharedVolumeEnabled", "true", ["ModelCache:MountPath", "fuse.gcsfuse", "ModelCache:SharedVolumeEnabled"] },
        { "SHARED_MODEL_VOLUME_ENABLED", "true", ["ModelCache:MountPath", "fuse.gcsfuse", "ModelCache:SharedVolumeEnabled"] },
        { "ModelCache__Bucket", "some-bucket", ["ModelCache:Bucket", "'some-bucket'", "ModelCache:SharedVolumeEnabled"] },
        { "ModelCache__PullWhenStale", "maybe", ["ModelCache:PullWhenStale", "'maybe'", "true and false"] },
        { "ModelCache__Retention__Keep", "many", ["ModelCache:Retention:Keep", "'many'", "number"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task Start_OneMistake_ExitsAtOnceAndExplains(string variable, string? value, string[] expected) =>
        ShouldFailAsync(_deployment.With(variable, value), expected);

    [Fact]
    public Task Start_TwoModelsOfOneName_ExitsAtOnceAndExplains() =>
        ShouldFailAsync(
            _deployment.WithModel("Embedder", "sbert"),
            ["ModelCache:Models:1:Name", "'Embedder'", "ModelCache:Models:0:Name", "must differ"]);

    [Fact]
    public async Task Start_NoModels_ExitsAtOnceWithAnExample()
    {
        using var empty = new Deployment();

        await ShouldFailAsync(empty, ["ModelCache:Models", "empty", "ModelCache__Models__0__Name"]);
    }

    [Fact]
    public Task Start_VersionAndDigest_ExitsAtOnceAndExplains() =>
        ShouldFailAsync(
            _deployment.WithSetting("Models:0:Version", "embedder-2025-11-14").WithSetting("Models:0:Digest", "sha256:abc"),
            ["ModelCache:Models:0:Version", "'embedder-2025-11-14'", "ModelCache:Models:0:Digest", "'sha256:abc'", "only one"]);

    [Theory]
    [InlineData("MODEL_CACHE_PATH")]
    [InlineData("ModelCache__MountPath")]
    public async Task Start_MountPathIsAFile_ExitsAtOnceAndExplains(string variable)
    {
        var file = _deployment.Source("file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await ShouldFailAsync(_deployment.With(variable, file), ["ModelCache:MountPath", $"'{file}'", "folder"]);
    }

    [Fact]
    public async Task Start_SourceIsMissing_ExitsAndExplains()
    {
        Directory.Delete(_deployment.Source("embedder"), recursive: true);

        await ShouldFailAsync(_deployment, ["embedder", $"'{_deployment.Source("embedder")}'", "expected a folder"]);
    }

    [Theory]
    [InlineData("ollama")]
    [InlineData("sbert")]
    public async Task Start_SourceIsEmpty_ExitsAndExplains(string kind)
    {
        Directory.Delete(_deployment.Source("embedder"), recursive: true);
        Directory.CreateDirectory(_deployment.Source("embedder"));

        await ShouldFailAsync(_deployment.WithSetting("Models:0:Kind", kind), ["embedder", _deployment.Source("embedder"), "has 0 files"]);
    }

    [Fact]
    public async Task Start_SeveralMistakes_TellsAll()
    {
        _deployment.WithSetting("Models:0:Kind", "onnx").WithSetting("Lease:Ttl", "00:00:01").WithSetting("Retention:Keep", "0");

        await ShouldFailAsync(_deployment, ["ModelCache:Models:0:Kind", "ModelCache:Lease:Ttl", "ModelCache:Retention:Keep"]);
    }

    public void Dispose() => _deployment.Dispose();

    private static async Task ShouldFailAsync(Deployment deployment, string[] expected)
    {
        await using var app = deployment.Start();

        (await app.WaitForExitAsync()).Should().Be(70, app.Transcript);
        var told = string.Join('\n', app.Output.Concat(app.Error));
        told.Should().ContainAll(expected);
        told.Should().NotContain("Unhandled").And.NotContain("   at ", "a mistake of the operator is no defect: no stack");

    }
}
