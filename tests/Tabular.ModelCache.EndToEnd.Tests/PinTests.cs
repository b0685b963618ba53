using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>The variables of the readers, which pin a version or leave it open.</summary>
public sealed class PinTests(TwoVersionsFixture store) : IClassFixture<TwoVersionsFixture>
{
    public static TheoryData<string, string> Variables => new()
    {
        { "OLLAMA_MODELS", "ollama" },
        { "SENTENCE_TRANSFORMERS_HOME", "sbert" },
        { "HUGGINGFACE_HUB_CACHE", "sbert" },
    };

    [Theory]
    [MemberData(nameof(Variables))]
    public async Task Start_VariableNamesTheOlderVersion_ServesIt(string variable, string kind)
    {
        var (older, newer) = store.Versions(kind);
        var before = await TreeSnapshot.TakeAsync(store.Deployment.Mount);

        foreach (var version in new[] { older, newer })
        {
            await using var app = store.Deployment.Copy().With(variable, Path.Join(store.Deployment.Mount, kind, version)).Start();
            var ready = await app.WaitUntilReadyAsync();

            ready.CacheHit.Should().BeTrue();
            ready.Status.Should().Be("Healthy");
            var models = await app.GetModelsAsync();
            models.Single(m => m.Path.Contains($"/{kind}/", StringComparison.Ordinal)).Version.Should().Be(version);
            models.Single(m => !m.Path.Contains($"/{kind}/", StringComparison.Ordinal)).Version
                .Should().Be(store.Versions(kind == "ollama" ? "sbert" : "ollama").Newer, "the other model is not pinned");
        }

        (await TreeSnapshot.TakeAsync(store.Deployment.Mount)).Should().Equal(before);
    }

    [Theory]
    [MemberData(nameof(Variables))]
    public async Task Start_VariableNamesTheKind_ServesTheActiveVersion(string variable, string kind)
    {
        foreach (var end in new[] { "", "/" })
        {
            await using var app = store.Deployment.Copy().With(variable, Path.Join(store.Deployment.Mount, kind) + end).Start();
            await app.WaitUntilReadyAsync();

            (await app.GetModelsAsync()).Single(m => m.Path.Contains($"/{kind}/", StringComparison.Ordinal)).Version
                .Should().Be(store.Versions(kind).Newer);
        }
    }

    [Theory]
    [MemberData(nameof(Variables))]
    public async Task Start_VariableNamesAnotherFolder_ExitsAndNamesTheVariable(string variable, string kind)
    {
        var mount = store.Deployment.Mount;
        foreach (var value in new[] { "/root/.cache/models", mount, Path.Join(mount, kind, "other-2025-11-14-0123456789ab"), Path.Join(mount, kind, store.Versions(kind).Newer, "blobs") })
        {
            await using var app = store.Deployment.Copy().With(variable, value).Start();

            (await app.WaitForExitAsync()).Should().Be(70, app.Transcript);
            string.Join('\n', app.Error).Should().ContainAll(variable, $"'{value}'", $"'{Path.Join(mount, kind)}'");
        }
    }

    [Theory]
    [MemberData(nameof(Variables))]
    public async Task Start_VariableNamesAVersionThatDoesNotExist_ExitsAndPullsNothing(string variable, string kind)
    {
        var name = kind == "ollama" ? "llm" : "embedder";
        var missing = name + "-2020-01-31-0123456789ab";
        var before = await TreeSnapshot.TakeAsync(store.Deployment.Mount);
        await using var app = store.Deployment.Copy().With(variable, Path.Join(store.Deployment.Mount, kind, missing)).Start();

        (await app.WaitForExitAsync()).Should().Be(70, app.Transcript);
        app.Log.Should().ContainSingle(e => e.Level == "crit").Which.Message.Should().ContainAll(missing, store.Versions(kind).Older, store.Versions(kind).Newer);
        (await TreeSnapshot.TakeAsync(store.Deployment.Mount)).Should().Equal(before);
    }

    [Fact]
    public async Task Start_PinnedVersionAndAnEmptyStore_ExitsAndPullsNothing()
    {
        var empty = store.Deployment.CopyWithStore("empty").WithSetting("Models:0:Version", store.Versions("ollama").Newer);
        await using var app = empty.Start();

        (await app.WaitForExitAsync()).Should().Be(70, app.Transcript);
        app.Log.Should().ContainSingle(e => e.Level == "crit").Which.Message.Should().Contain(store.Versions("ollama").Newer).And.Contain("never pulled");
        Directory.Exists(Path.Join(empty.Mount, "ollama")).Should().BeFalse();
    }
}
