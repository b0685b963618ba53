using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Tabular.ModelCache.Testing.Tests;

public sealed class FakeStartTests
{
    private static readonly (string, string)[] BothKinds =
    [
        ("ModelCache:Models:0:Source", "ollama://llama3.2:1b"),
        ("ModelCache:Models:1:Name", "emb"),
        ("ModelCache:Models:1:Source", "hf://BAAI/bge-m3"),
    ];

    [Fact]
    public async Task Start_ByDefault_HasEveryModelInTheLayoutOfItsKind()
    {
        await using var app = new TestedApp(null, BothKinds);

        (await app.ProbeAsync()).Should().Be("200 Healthy");

        var llm = app.Served;
        File.Exists(Path.Combine(llm.Path, "manifests/registry.ollama.ai/library/llama3.2/1b")).Should().BeTrue();
        VerifyChecksums(llm.Path).Should().Contain(f => f.StartsWith("blobs/sha256-", StringComparison.Ordinal));
        llm.Environment["OLLAMA_MODELS"].Should().Be(llm.Path);
        var emb = await app.Cache.GetModelAsync("emb");
        var commit = await File.ReadAllTextAsync(Path.Combine(emb.Path, "models--BAAI--bge-m3/refs/main"));
        var snapshotFolder = $"models--BAAI--bge-m3/snapshots/{commit}";
        VerifyChecksums(emb.Path).Should().Contain([$"{snapshotFolder}/modules.json", $"{snapshotFolder}/model.safetensors"]);

        app.Fake.Status.CacheHit.Should().BeTrue();
        var snapshot = app.Fake.GetSnapshot();
        snapshot.Models.Should().Equal(
            new FakeModelActivity(TestedApp.Model) { CacheHits = 1 },
            new FakeModelActivity("emb") { CacheHits = 1 });
        snapshot.StoreOperations.Should().NotBeEmpty().And.NotContain(o => o.IsMutation, "a hit writes nothing");
        snapshot.History.Select(s => s.State).Should().StartWith([ModelCacheState.Starting, ModelCacheState.CheckingMount]).And.EndWith(ModelCacheState.Ready);
    }

    [Fact]
    public async Task Start_ManyTimes_IsReadyForTheVeryFirstProbe()
    {
        for (var i = 0; i < 10; i++)
        {
            await using var app = new TestedApp();

            (await app.ProbeAsync()).Should().Be("200 Healthy");
        }
    }

    [Fact]
    public async Task Stale_PulledFromUnreachableSources_IsADownloadOfTheRealLibrary()
    {
        await using var app = new TestedApp(fake => fake.MakeStale("emb"), BothKinds);

        (await app.ProbeAsync()).Should().Be("200 Healthy");

        app.Fake.Status.Should().Match<ModelCacheStatus>(s => s.CacheHit == false && s.Outcome == CacheOutcome.Pulled);
        var snapshot = app.Fake.GetSnapshot();
        snapshot.Models[0].Should().Be(new FakeModelActivity(TestedApp.Model) { CacheHits = 1 });
        var bytes = (await app.Cache.GetModelAsync("emb")).Bytes;
        snapshot.Models[1].Should().Be(new FakeModelActivity("emb") { CacheMisses = 1, SourceReads = 1, FilesPulled = 10, BytesPulled = bytes });
        snapshot.History.Select(s => s.State).Should().ContainInOrder(ModelCacheState.Pulling, ModelCacheState.Publishing, ModelCacheState.Ready);
        snapshot.StoreOperations.Should().Contain(o => o.Kind == StoreOperationKind.Write && o.Name == "manifest.json");
    }

    [Fact]
    public async Task Stale_SharedVolumeAndContent_NeedsNeitherBucketNorWaits()
    {
        await using var app = new TestedApp(
            fake => fake.MakeStale(),
            [
                .. BothKinds,
                ("ModelCache:SharedVolumeEnabled", "true"),
                ("ModelCache:Bucket", "a-bucket-that-nobody-has"),
                ("ModelCache:Verification", "Content"),
                ("ModelCache:Signing:TrustedKeys:0", "/run/secrets/not-in-tests.pem"),
                ("ModelCache:Signing:KmsKey", "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"),
            ]);

        (await app.ProbeAsync()).Should().Be("200 Healthy");
    }

    [Fact]
    public async Task Stale_AnswerOfTheFlipIsLost_IsSettledByTheLibrary()
    {
        await using var app = new TestedApp(fake =>
        {
            fake.MakeStale();
            fake.Store.Inject = o => o is { Kind: StoreOperationKind.Write, Name: "manifest.json" } ? StoreFault.FailAfter() : StoreFault.None;
        });

        (await app.ProbeAsync()).Should().Be("200 Healthy");
        app.Fake.GetSnapshot().Models.Should().ContainSingle().Which.CacheMisses.Should().Be(1);
    }

    [Theory]
    [InlineData("ModelCache:Models:0:Version", "demo-llm-2025-11-14-baf6a787fdff", "demo-llm-2025-11-14-")]
    [InlineData("ModelCache:Models:0:Version", "demo-llm-2025-11-14", "demo-llm-2025-11-14-")]
    [InlineData("ModelCache:Models:0:Digest", "sha256:4af3f9e8e8a5a1ef6bd6ff7a5c1a0d9d1f6f4a1c2f3b4c5d6e7f8091a2b3c4d5", "demo-llm-")]
    public async Task Start_Pinned_ServesWhatIsPinned(string key, string value, string version)
    {
        await using var app = new TestedApp(null, (key, value));

        (await app.ProbeAsync()).Should().Be("200 Healthy");

        app.Served.Version.Should().StartWith(version);
        app.Fake.Status.CacheHit.Should().BeTrue();
    }

    [Fact]
    public async Task Hold_UntilTheDeadline_FailsAsAHungMountDoes()
    {
        await using var app = new TestedApp(fake => fake.Hold());
        (await app.ProbeAsync()).Should().Be("503 Unhealthy");
        app.Fake.Status.State.Should().Be(ModelCacheState.CheckingMount);

        app.Fake.Advance(TimeSpan.FromSeconds(226));

        (await app.Fake.WaitForAsync(s => s.State == ModelCacheState.Failed)).Reason.Should().Contain("StartupDeadline").And.Contain("CheckingMount");
        app.Fake.ExitCode.Should().Be(70);
    }

    [Theory]
    [InlineData("StopHost", 70)]
    [InlineData("StayUnready", null)]
    public async Task Fail_WithAReason_LeavesHostAndProcessAlone(string behavior, int? exitCode)
    {
        var before = Environment.ExitCode;
        await using var app = new TestedApp(fake => fake.Fail("the disk is on fire"), ("ModelCache:FailureBehavior", behavior));

        (await app.ProbeAsync()).Should().Be("503 Unhealthy");
        (await app.ProbeAsync()).Should().Be("503 Unhealthy", "the host stays up");

        app.Fake.Status.Should().Match<ModelCacheStatus>(s => s.State == ModelCacheState.Failed && s.Reason == "the disk is on fire");
        (await app.Cache.Awaiting(c => c.GetModelAsync(TestedApp.Model).AsTask()).Should().ThrowAsync<ModelCacheException>()).WithMessage("the disk is on fire");
        app.Fake.GetSnapshot().ExitCode.Should().Be(exitCode);
        Environment.ExitCode.Should().Be(before);
        app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Fail_WhileHeld_FailsWhenReleased()
    {
        await using var app = new TestedApp(fake => fake.Hold());
        await app.ProbeAsync();

        app.Fake.Fail("too late");
        await app.Fake.ReleaseAsync();

        app.Fake.Status.Reason.Should().Be("too late");
    }

    [Fact]
    public async Task FallBack_Allowed_ServesTheOlderVersionDegraded()
    {
        await using var app = new TestedApp(fake => fake.FallBack(), ("ModelCache:FallbackToPreviousVersion", "true"));

        (await app.ProbeAsync()).Should().Be("200 Degraded");

        app.Served.Outcome.Should().Be(CacheOutcome.Fallback);
        app.Fake.Status.Reason.Should().Contain("1 bytes");
        VerifyChecksums(app.Served.Path).Should().NotBeEmpty();
    }

    [Fact]
    public async Task Lag_UntilReleased_WaitsForTheMount()
    {
        await using var app = new TestedApp(fake => fake.Lag());
        (await app.ProbeAsync()).Should().Be("503 Unhealthy");
        app.Fake.Status.State.Should().Be(ModelCacheState.WaitingForMount);

        await app.Fake.ReleaseAsync();

        (await app.ProbeAsync()).Should().Be("200 Healthy");
    }

    [Fact]
    public async Task Lag_LongerThanAllowed_FailsTheStart()
    {
        await using var app = new TestedApp(fake => fake.Lag());
        await app.ProbeAsync();

        app.Fake.Advance(TimeSpan.FromSeconds(95));

        (await app.Fake.WaitForAsync(s => s.State == ModelCacheState.Failed)).Reason.Should().Contain("waited 9").And.Contain("is not complete");
    }

    [Fact]
    public async Task LoseLease_DuringAPull_WaitsForTheOtherAndHits()
    {
        await using var app = new TestedApp(fake => fake.MakeStale().HoldPull());
        (await app.ProbeAsync()).Should().Be("503 Unhealthy");

        await app.Fake.LoseLeaseAsync(TestedApp.Model);
        app.Fake.Status.State.Should().Be(ModelCacheState.AcquiringLease);
        app.Fake.Status.Reason.Should().Contain("to pull it");
        var version = await app.Fake.PublishAsync(TestedApp.Model);
        await app.Fake.WaitForAsync(s => s.IsReady);

        app.Served.Should().Match<CachedModel>(m => m.Version == version && m.Outcome == CacheOutcome.Waited && m.CacheHit);
        app.Fake.GetSnapshot().Models[0].FilesPulled.Should().Be(0);
        (await app.ProbeAsync()).Should().Be("200 Healthy");
    }

    [Fact]
    public async Task AddFake_ClockOfTheApp_IsLeftAlone()
    {
        var clock = new FakeTimeProvider();
        await using var app = new TestedApp { Changes = services => services.AddSingleton<TimeProvider>(clock) };
        var (ours, theirs) = (app.Fake.TimeProvider.GetUtcNow(), clock.GetUtcNow());

        app.Fake.Advance(TimeSpan.FromHours(1));

        app.Services.GetRequiredService<TimeProvider>().Should().BeSameAs(clock);
        clock.GetUtcNow().Should().Be(theirs);
        app.Fake.TimeProvider.GetUtcNow().Should().BeOnOrAfter(ours.AddHours(1));
        (await app.ProbeAsync()).Should().Be("200 Healthy");
    }

    private static IReadOnlyList<string> VerifyChecksums(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "SHA256SUMS"));
        foreach (var line in lines)
        {
            var content = File.ReadAllBytes(Path.Combine(folder, line[66..]));
            Convert.ToHexStringLower(SHA256.HashData(content)).Should().Be(line[..64], line[66..]);
        }

        return [.. lines.Select(l => l[66..])];
    }
}
