using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Startup;

public sealed class FollowUpdatesTests
{
    private const string OtherModel = "other";

    private static readonly (string Key, string Value)[] TwoModels =
    [
        ("ModelCache:Models:1:Name", OtherModel),
        ("ModelCache:Models:1:Kind", ModelKinds.Ollama),
        ("ModelCache:Models:1:Source", "test://other"),
    ];

    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    [InlineData("Content")]
    public async Task Follow_NewVersion_IsServedWithoutAPullAndTold(string level)
    {
        await using var world = new FollowingInstance(("ModelCache:Verification", level));
        var older = await world.PublishAsync("content");
        var first = await world.StartAsync();
        var resolves = world.Source.Resolves;
        var newer = await world.PublishAsync("newer content");

        await world.PassAsync(() => !world.Updates.IsEmpty, "an update");

        world.Served.Version.Should().Be(newer.Version);
        (await world.Cache.GetModelAsync(FollowingInstance.Model)).Should().BeSameAs(world.Served);
        var update = world.Updates.Should().ContainSingle().Subject;
        update.Previous.Should().BeSameAs(first).And.Match<CachedModel>(m => m.Version == older.Version);
        update.Current.Should().BeSameAs(world.Served);
        update.Current.Path.Should().Be($"/models/ollama/{newer.Version}");
        update.Current.Environment["OLLAMA_MODELS"].Should().Be(update.Current.Path);
        world.Status.Should().Match<ModelCacheStatus>(s => s.State == ModelCacheState.Ready && s.Reason == null && s.Models[0].Version == newer.Version);
        world.Holder.UpdatesAvailable.Should().Contain(FollowingInstance.Model, false);
        world.Source.Resolves.Should().Be(resolves);
        world.Requests.GetSnapshot().Should().NotContain(o => o.IsMutation);

        // What was said of the start stays, and is said once.
        (update.Current.CacheHit, update.Current.Outcome, world.Status.CacheHit, world.Status.Outcome).Should().Be((true, CacheOutcome.Hit, true, CacheOutcome.Hit));
        world.Logged(LogLevel.Information, "cache_hit=").Should().HaveCount(2, "one line for the model and one for the gate");
        world.Logged(LogLevel.Information, $"is served in the version {newer.Version}").Should().ContainSingle().Which.Should().Contain(older.Version);
    }

    [Fact]
    public async Task Follow_AfterAPull_IsStillOneDownload()
    {
        await using var world = new FollowingInstance();
        (await world.StartAsync()).CacheHit.Should().BeFalse();
        var newer = await world.PublishAsync("newer content");

        await world.PassAsync(() => world.Served.Version == newer.Version, "the newer version");

        (world.Served.CacheHit, world.Served.Outcome).Should().Be((false, CacheOutcome.Pulled));
        world.Logged(LogLevel.Information, "cache_hit=false").Should().HaveCount(2, "one line for the model and one for the gate, of the start");
    }

    [Fact]
    public async Task Follow_NotWanted_TellsOfTheUpdateAndStays()
    {
        await using var world = new FollowingInstance();
        var older = await world.PublishAsync("content");
        await world.StartAsync(follows: false);
        var newer = await world.PublishAsync("newer content");

        await world.PassAsync(TimeSpan.FromMinutes(5));

        world.Served.Version.Should().Be(older.Version);
        world.Holder.UpdatesAvailable.Should().Contain(FollowingInstance.Model, true);
        world.Logged(LogLevel.Information, "The manifest has").Should().ContainSingle().Which.Should().Contain(newer.Version);
        world.Updates.Should().BeEmpty();
        world.Status.State.Should().Be(ModelCacheState.Ready);
    }

    [Fact]
    public async Task Follow_Rollback_IsFollowedLikeAnUpdate()
    {
        await using var world = new FollowingInstance();
        var older = await world.PublishAsync("content");
        var newer = await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        (await world.StartAsync()).Version.Should().Be(newer.Version);

        await world.ActivateAsync(older);
        await world.PassAsync(() => world.Updates.Count == 1, "the older version");
        await world.ActivateAsync(newer);
        await world.PassAsync(() => world.Updates.Count == 2, "the newer version");

        world.Updates.Select(u => u.Current.Version).Should().Equal(older.Version, newer.Version);
        world.Status.State.Should().Be(ModelCacheState.Ready);
    }

    [Fact]
    public async Task Follow_DamagedVersion_StaysOnTheLastGoodOneAndSaysSoOnce()
    {
        await using var world = new FollowingInstance();
        var good = await world.PublishAsync("content");
        await world.StartAsync();
        var bad = await world.PublishAsync("newer content");
        await world.DamageAsync(bad);

        await world.PassAsync(() => world.Status.State == ModelCacheState.Degraded, "a refusal");
        await world.PassAsync(TimeSpan.FromHours(3));

        world.Served.Version.Should().Be(good.Version);
        world.Updates.Should().BeEmpty();
        world.Status.IsReady.Should().BeTrue();
        world.Status.Reason.Should().ContainAll(bad.Version, good.Version, $"{bad.Path}/blobs/a", "13 bytes", "1 bytes").And.NotContain("\n");
        world.Holder.Unhealthy.Should().BeNull("only a dead mount is red");
        (await CheckHealthAsync(world)).Should().Be(HealthStatus.Degraded);
        world.Holder.UpdatesAvailable.Should().Contain(FollowingInstance.Model, true);
        world.Logged(LogLevel.Warning, "stays served, because").Should().ContainSingle().Which.Should().ContainAll("blobs/a", bad.Version, good.Version);
        world.Mount.Listings.Count(l => l == bad.Path).Should().BeInRange(2, 12, "it is looked at again, ever more seldom");
    }

    [Theory]
    [InlineData("next")]
    [InlineData("back")]
    [InlineData("healed")]
    public async Task Follow_AfterARefusal_ComesRight(string how)
    {
        await using var world = new FollowingInstance();
        var good = await world.PublishAsync("content");
        await world.StartAsync();
        var bad = await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        var heal = await world.DamageAsync(bad);
        await world.PassAsync(() => world.Status.State == ModelCacheState.Degraded, "a refusal");
        var expected = how == "back" ? good : bad;
        switch (how)
        {
            case "next":
                expected = await world.PublishAsync("newest content");
                break;
            case "back":
                await world.ActivateAsync(good);
                break;
            default:
                await heal();
                await world.FlipAsync(e => e with { Versions = [.. e.Versions.Select(v => v.Version == bad.Version ? Recreated(v, world) : v)] });
                break;
        }

        string[] updates = how == "back" ? [] : [expected.Version];
        await world.PassAsync(() => world.Updates.Count == updates.Length && world.Status.State == ModelCacheState.Ready, "health");

        world.Served.Version.Should().Be(expected.Version);
        world.Status.Reason.Should().BeNull();
        world.Holder.UpdatesAvailable.Should().Contain(FollowingInstance.Model, false);
        (await CheckHealthAsync(world)).Should().Be(HealthStatus.Healthy);
        world.Updates.Select(u => u.Current.Version).Should().Equal(updates);
    }

    [Fact]
    public async Task Follow_MountIsBehind_WaitsReadyAndSwitchesWhenItShowsTheVersion()
    {
        await using var world = new FollowingInstance();
        var older = await world.PublishAsync("content");
        await world.StartAsync();
        world.Mount.Hidden["ollama/" + (await world.PublishAsync("newer content")).Version] = true;
        var newer = world.Mount.Hidden.Keys.Single();
        await world.PassAsync(() => world.Mount.Listings.Count(l => l == newer) > 5, "some looks at the mount");
        (world.Served.Version, world.Status.State, world.Status.Reason).Should().Be((older.Version, ModelCacheState.Ready, null));

        world.Mount.Hidden.Clear();
        await world.PassAsync(() => world.Served.Version != older.Version, "the newer version");

        $"/models/{newer}".Should().Be(world.Served.Path);
        world.Logged(LogLevel.Warning, "").Should().BeEmpty();
    }

    [Fact]
    public async Task Follow_MountIsBehindForTooLong_SaysSoAndSwitchesAllTheSameLater()
    {
        await using var world = new FollowingInstance();
        await world.PublishAsync("content");
        await world.StartAsync();
        var newer = await world.PublishAsync("newer content");
        world.Mount.Hidden[newer.Path] = true;
        await world.PassAsync(() => world.Status.State == ModelCacheState.Degraded, "a refusal");
        world.Status.Reason.Should().Contain("waited 9").And.Contain(newer.Path);

        world.Mount.Hidden.Clear();
        await world.PassAsync(() => world.Status.State == ModelCacheState.Ready, "health");

        world.Served.Version.Should().Be(newer.Version);
    }

    [Fact]
    public async Task Follow_MountFailsOrHangs_IsNoFaultOfTheVersionAndHoldsNothingUp()
    {
        await using var world = new FollowingInstance();
        await world.PublishAsync("content");
        await world.StartAsync();
        world.Mount.Failure = "The mount is dead.";
        var newer = await world.PublishAsync("newer content");
        await world.PassAsync(() => world.Mount.Listings.Contains(newer.Path), "a try");
        await world.PassAsync(TimeSpan.FromMinutes(2));
        world.Status.Should().Match<ModelCacheStatus>(s => s.State == ModelCacheState.Ready && s.Reason == null);

        world.Mount.Hanging[newer.Path] = true;
        world.Mount.Failure = null;
        var tries = world.Mount.Listings.Count;
        await world.PassAsync(() => world.Mount.Listings.Count > tries, "another try");
        await world.PassAsync(TimeSpan.FromMinutes(10));
        world.Status.State.Should().Be(ModelCacheState.Ready, "probes go on beside it");

        var newest = await world.PublishAsync("newest content");
        await world.PassAsync(() => !world.Updates.IsEmpty, "the newest version, for which the hanging one is dropped");
        world.Updates.Should().ContainSingle().Which.Current.Version.Should().Be(newest.Version);
    }

    [Fact]
    public async Task Follow_ManifestMovesOnWhileAVersionIsVerified_DoesNotSwitchToIt()
    {
        await using var world = new FollowingInstance(("ModelCache:Verification", "Metadata"));
        var first = await world.PublishAsync("content");
        await world.StartAsync();
        var passing = await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        var isBack = false;
        world.Requests.Inject = o =>
        {
            if (o.Kind != Testing.StoreOperationKind.List || !o.Name.Contains(passing.Version, StringComparison.Ordinal) || isBack)
            {
                return Testing.StoreFault.None;
            }

            isBack = true;
            return Testing.StoreFault.RunBefore(_ => world.ActivateAsync(first));
        };

        await world.PassAsync(() => isBack, "a look at the version");
        await world.PassAsync(TimeSpan.FromMinutes(2));

        world.Served.Version.Should().Be(first.Version);
        world.Updates.Should().BeEmpty();
        world.Status.State.Should().Be(ModelCacheState.Ready);
    }

    [Fact]
    public async Task Follow_TwoModels_OneIsRefusedAndTheOtherSwitches()
    {
        await using var world = new FollowingInstance(TwoModels);
        var stays = await world.PublishAsync("content");
        await world.PublishAsync("other content", OtherModel);
        await world.StartAsync();
        await world.DamageAsync(await world.PublishAsync("newer content"));
        var newer = await world.PublishAsync("other newer content", OtherModel);

        await world.PassAsync(() => !world.Updates.IsEmpty && world.Status.State == ModelCacheState.Degraded, "both");

        world.Updates.Should().ContainSingle().Which.Current.Should().Match<CachedModel>(m => m.Name == OtherModel && m.Version == newer.Version);
        world.Served.Version.Should().Be(stays.Version);
        world.Status.Models.Select(m => m.State).Should().Equal(ModelCacheState.Degraded, ModelCacheState.Ready);
    }

    [Fact]
    public async Task Follow_PinnedVersion_StaysWhileAnotherModelFollows()
    {
        await using var world = new FollowingInstance(TwoModels);
        var pinned = await world.PublishAsync("content");
        await world.PublishAsync("other content", OtherModel);
        await world.StartAsync(settings: ("ModelCache:Models:0:Version", pinned.Version));
        await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        await world.PublishAsync("other newer content", OtherModel);

        await world.PassAsync(() => !world.Updates.IsEmpty, "the update of the other model");
        await world.PassAsync(TimeSpan.FromMinutes(2));

        world.Updates.Should().ContainSingle().Which.Current.Name.Should().Be(OtherModel);
        world.Served.Version.Should().Be(pinned.Version);
        world.Status.State.Should().Be(ModelCacheState.Ready);
        world.Holder.UpdatesAvailable.Should().Contain(FollowingInstance.Model, false);
    }

    [Fact]
    public async Task Follow_PinnedDigest_FollowsOnlyAmongThatDigest()
    {
        await using var world = new FollowingInstance();
        var pinned = await world.PublishAsync("content");
        await world.StartAsync(settings: ("ModelCache:Models:0:Digest", pinned.Source.Digest));
        var other = await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        await world.PassAsync(TimeSpan.FromMinutes(2));
        world.Served.Version.Should().Be(pinned.Version);

        // The same upstream digest in other bytes, as when another choice of files is made of it.
        await world.FlipAsync(e => e with
        {
            Versions = [.. e.Versions.Select(v => v.Version == other.Version ? With(v, pinned.Source) : v)],
        });
        await world.PassAsync(() => !world.Updates.IsEmpty, "the newer version of the digest");

        world.Updates.Should().ContainSingle().Which.Current.Version.Should().Be(other.Version);
    }

    [Fact]
    public async Task Follow_StartedOnAnOlderVersion_BecomesReadyOnTheWantedOne()
    {
        await using var world = new FollowingInstance();
        var older = await world.PublishAsync("content");
        var wanted = await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        world.Mount.Hidden[wanted.Path] = true;
        var first = await world.StartAsync();
        (first.Version, first.Outcome, world.Status.State).Should().Be((older.Version, CacheOutcome.Fallback, ModelCacheState.Degraded));

        world.Mount.Hidden.Clear();
        await world.PassAsync(() => !world.Updates.IsEmpty && world.Status.State == ModelCacheState.Ready, "health, without any flip");

        (world.Served.Version, world.Served.Outcome, world.Served.CacheHit).Should().Be((wanted.Version, CacheOutcome.Waited, true));
        world.Status.Outcome.Should().Be(CacheOutcome.Waited);
        world.Updates.Should().ContainSingle();
    }

    [Fact]
    public async Task Follow_StartedOnAnOlderVersionAndRolledBackToIt_BecomesReadyWithoutAnUpdate()
    {
        await using var world = new FollowingInstance();
        var older = await world.PublishAsync("content");
        var wanted = await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        await world.DamageAsync(wanted);
        await world.StartAsync();
        await world.PassAsync(() => world.Status.Reason!.Contains("stays served", StringComparison.Ordinal), "a refusal");

        await world.ActivateAsync(older);
        await world.PassAsync(() => world.Status.State == ModelCacheState.Ready, "health");

        (world.Served.Version, world.Served.Outcome).Should().Be((older.Version, CacheOutcome.Waited));
        world.Updates.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_OnAnOlderVersion_TellsOfTheUpdateWithoutTheOption()
    {
        await using var world = new FollowingInstance();
        await world.PublishAsync("content");
        await world.DamageAsync(await world.PublishAsync("newer content", settings: ("ModelCache:Retention:GracePeriod", "1.00:00:00")));
        (await world.StartAsync(follows: false)).Outcome.Should().Be(CacheOutcome.Fallback);

        await world.PassAsync(() => world.Holder.UpdatesAvailable[FollowingInstance.Model], "an update");

        world.Status.State.Should().Be(ModelCacheState.Degraded);
    }

    [Fact]
    public async Task Follow_ServedVersionLeavesTheManifest_IsDegradedOnlyUntilTheUpdate()
    {
        await using var world = new FollowingInstance();
        await world.PublishAsync("content");
        await world.StartAsync();
        var newer = await world.PublishAsync("newer content", settings: ("ModelCache:Retention:Keep", "1"));
        world.Mount.Hidden[newer.Path] = true;
        await world.PassAsync(() => world.Status.State == ModelCacheState.Degraded, "a version that is gone");
        world.Status.Reason.Should().Contain("no longer in the manifest").And.Contain($"it goes on to {newer.Version}");

        world.Mount.Hidden.Clear();
        await world.PassAsync(() => world.Status.State == ModelCacheState.Ready, "health");

        world.Served.Version.Should().Be(newer.Version);
    }

    [Fact]
    public async Task Follow_HandlersThrowAndBlock_ProbesAndOtherHandlersGoOn()
    {
        await using var world = new FollowingInstance();
        await world.PublishAsync("content");
        await world.StartAsync();
        using var release = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource();
        world.Cache.ModelUpdated += (_, _) => throw new InvalidOperationException("no such thing");
        world.Cache.ModelUpdated += (_, _) =>
        {
            blocked.TrySetResult();
            release.Wait(TimeSpan.FromSeconds(30));
        };
        var newer = await world.PublishAsync("newer content");
        await world.PassAsync(() => blocked.Task.IsCompleted, "a handler that blocks");

        // Asserts that the probes go on.
        await world.PassAsync(TimeSpan.FromMinutes(2));
        world.Served.Version.Should().Be(newer.Version);
        world.Instance.Log.GetSnapshot().Should().ContainSingle(r => r.Level == LogLevel.Error)
            .Which.Exception.Should().BeOfType<InvalidOperationException>();
        release.Set();
        var newest = await world.PublishAsync("newest content");
        await world.PassAsync(() => world.Updates.Count == 2, "the next update");
        world.Served.Version.Should().Be(newest.Version);
    }

    [Fact]
    public async Task Follow_WatchedStatus_ShowsTheNewVersionAndNeverAClosedGate()
    {
        await using var world = new FollowingInstance();
        await world.PublishAsync("content");
        await world.StartAsync();
        var seen = new List<ModelCacheStatus>();
        var newer = await world.PublishAsync("newer content");
        var watching = Task.Run(async () =>
        {
            await foreach (var status in world.Cache.WatchAsync())
            {
                seen.Add(status);
                if (status.Models[0].Version == newer.Version)
                {
                    return;
                }
            }
        });

        await world.PassAsync(() => watching.IsCompleted, "the new version");

        await watching;
        seen.Should().OnlyContain(s => s.IsReady);
    }

    /// <summary>The entry of a version whose objects were written again.</summary>
    private static ManifestVersion Recreated(ManifestVersion version, FollowingInstance world)
    {
        var generation = world.Store.GetAsync($"{version.Path}/blobs/a").GetAwaiter().GetResult()!.Generation;
        return version with { Files = [.. version.Files.Select(f => f.Path == "blobs/a" ? f with { Generation = generation } : f)] };
    }

    private static ManifestVersion With(ManifestVersion version, ManifestSource source) => version with { Source = source };

    private static async Task<HealthStatus> CheckHealthAsync(FollowingInstance world) =>
        (await world.Instance.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;
}
