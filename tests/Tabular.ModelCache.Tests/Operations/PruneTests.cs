using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Operations;

public sealed class PruneTests
{
    private static readonly (string, string) KeepAll = ("ModelCache:Retention:Keep", "10");

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content 1"));

    [Fact]
    public async Task Prune_FiveVersionsAndAnOlderActiveOne_LeavesThreeAndItAndTheDryRunSaysTheSame()
    {
        var versions = await PublishAsync(5);
        await using (var patient = New(KeepAll))
        {
            await Operations(patient).RollBackAsync(TestCache.Model, versions[0]);
        }

        var log = new FaultInjectingObjectStore(_store);
        await using var cache = new TestCache(log, _source);
        var before = await _store.ReadAllAsync();

        var told = await Operations(cache).PruneAsync(isDryRun: true);

        log.GetSnapshot().Should().NotContain(o => o.IsMutation, "a dry run takes no lease either");
        (await _store.ReadAllAsync()).Should().BeEquivalentTo(before);
        told.Models.Single().Versions.Should().ContainSingle().Which.Should().BeEquivalentTo(
            new { Version = versions[1], Cause = PruneCause.Retention, Bytes = (long)"content 2".Length });

        var done = await Operations(cache).PruneAsync();

        done.Models.Should().BeEquivalentTo(told.Models);
        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Versions.Select(v => v.Version).Should().Equal(versions[4], versions[3], versions[2], versions[0]);
        entry.Active.Should().Be(versions[0]);
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
        (await Operations(cache).PruneAsync()).Models.Single().Versions.Should().BeEmpty();
    }

    [Fact]
    public async Task Prune_PinnedVersion_Stays()
    {
        var versions = await PublishAsync(5);
        await using var cache = New();
        await Operations(cache).PinAsync(TestCache.Model, versions[1]);

        await Operations(cache).PruneAsync();

        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Versions.Select(v => v.Version)
            .Should().Equal(versions[4], versions[3], versions[2], versions[1]);
    }

    [Fact]
    public async Task Prune_WithinTheGracePeriod_RemovesNothing()
    {
        await PublishAsync(5);
        await using var cache = New(("ModelCache:Retention:GracePeriod", "7.00:00:00"));

        (await Operations(cache).PruneAsync()).Models.Single().Versions.Should().BeEmpty();

        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Versions.Should().HaveCount(5);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(9)]
    public async Task Prune_AfterARunThatDied_RemovesWhatItLeftAndTheDryRunSaysTheSame(int kill)
    {
        await PublishAsync(1);
        _source.Set(("blobs/b", "another"), ("blobs/c", "and one more"), ("manifests/m", "refers to them"));
        (await KilledProcess.SyncAsync(_store, _source, kill, afterEffect: true)).Should().BeTrue();
        await KilledProcess.ReleaseLeaseAsync(_store);
        await using var cache = New();

        var told = (await Operations(cache).PruneAsync(isDryRun: true)).Models.Single();
        var done = (await Operations(cache).PruneAsync()).Models.Single();

        told.Leftovers.Should().BePositive();
        told.LeftoverBytes.Should().BePositive();
        done.Should().BeEquivalentTo(told);
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Prune_DeletionThatWasBegun_IsToldAndFinished()
    {
        var versions = await PublishAsync(4);
        var isDead = false;
        var dying = new FaultInjectingObjectStore(_store, o => (isDead |= o.Kind == StoreOperationKind.Delete && o.Name.EndsWith("/blobs/a", StringComparison.Ordinal)) && o.IsMutation
            ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied)
            : StoreFault.None);
        await using (var victim = new TestCache(dying, _source))
        {
            (await Operations(victim).PruneAsync()).ExitCode.Should().Be(ModelCacheExitCodes.Failed);
        }

        await KilledProcess.ReleaseLeaseAsync(_store);
        await using var cache = New();
        var told = (await Operations(cache).PruneAsync(isDryRun: true)).Models.Single();

        told.Versions.Should().ContainSingle().Which.Should().Match<PrunedVersion>(v => v.Version == versions[0] && v.Cause == PruneCause.Unfinished && v.Bytes > 0);
        (await Operations(cache).PruneAsync()).Models.Single().Should().BeEquivalentTo(told);
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Prune_HolderIsAtWork_DryRunLeavesItsStagingOutAndPruneGivesUpWith75()
    {
        await PublishAsync(1);
        await using var cache = New();
        await using var lease = await cache.AcquireAsync();
        await _store.WriteAsync(new StagingArea(TestCache.Model, lease.Attempt).File("blobs/x"), new MemoryStream([1, 2, 3]));

        var told = await Operations(cache).PruneAsync(isDryRun: true);
        var done = await Operations(cache).PruneAsync(patience: TimeSpan.Zero);

        told.Models.Single().Leftovers.Should().Be(0);
        done.ExitCode.Should().Be(ModelCacheExitCodes.LeaseBusy);
        done.Models.Single().Error.Should().Contain("try again later");
    }

    [Fact]
    public async Task Prune_UnknownModel_IsRefused()
    {
        await using var cache = New();

        var prune = () => Operations(cache).PruneAsync("nope");

        (await prune.Should().ThrowAsync<ModelCacheException>()).Which.ExitCode.Should().Be(ModelCacheExitCodes.Usage);
    }

    [Theory]
    [InlineData("""{ "softDeletePolicy": { "retentionDurationSeconds": "604800" } }""", "has soft delete: what is deleted (42 bytes here)*7 days")]
    [InlineData("""{ "versioning": { "enabled": true } }""", "has object versioning*leave nothing noncurrent")]
    [InlineData("""{ "retentionPolicy": { "retentionPeriod": "86400" } }""", "retention policy: nothing younger than 1 days")]
    [InlineData("{}", null)]
    public async Task Billing_SettingsOfTheBucket_SayWhatStaysBilled(string settings, string? expected)
    {
        await using var server = await CloudStorageServer.StartAsync(
            new CloudStorageServerOptions { Buckets = ["models"], BucketSettings = _ => JsonNode.Parse(settings)!.AsObject() }, TestContext.Current.CancellationToken);
        using var store = new GoogleCloudObjectStore(new GoogleCloudStoreOptions { Bucket = "models", Endpoint = StorageEndpoint.Parse($"{server.Endpoint}") });

        var lines = await new BillingAfterDeletion(new ModelCachePlaces(store, store), new ModelCacheClock(TimeProvider.System, Random.Shared))
            .DescribeAsync(42, TestContext.Current.CancellationToken);

        if (expected is null)
        {
            lines.Should().BeEmpty();
        }
        else
        {
            lines.Should().ContainSingle().Which.Should().Match($"gs://models*{expected}*");
        }
    }

    [Fact]
    public async Task Billing_SettingsMayNotBeRead_SaysSo()
    {
        await using var server = await CloudStorageServer.StartAsync(
            new CloudStorageServerOptions { Buckets = ["models"], Fault = _ => CloudStorageFault.Error(403, "forbidden", "no storage.buckets.get") },
            TestContext.Current.CancellationToken);
        using var store = new GoogleCloudObjectStore(new GoogleCloudStoreOptions { Bucket = "models", Endpoint = StorageEndpoint.Parse($"{server.Endpoint}") });

        var lines = await new BillingAfterDeletion(new ModelCachePlaces(store, store), new ModelCacheClock(TimeProvider.System, Random.Shared))
            .DescribeAsync(42, TestContext.Current.CancellationToken);

        lines.Should().ContainSingle().Which.Should().Match("what stays billed is unknown*storage.buckets.get*");
    }

    private TestCache New(params (string Key, string Value)[] settings) => new(_store, _source, null, settings);

    private static IModelCacheOperations Operations(TestCache cache) => cache.Services.GetRequiredService<IModelCacheOperations>();

    private async Task<IReadOnlyList<string>> PublishAsync(int count)
    {
        await using var cache = New(KeepAll);
        var versions = new List<string>();
        for (var i = 1; i <= count; i++)
        {
            _source.Set(("blobs/a", $"content {i}"));
            versions.Add((await cache.PublishAsync()).Version.Version);
        }

        return versions;
    }
}
