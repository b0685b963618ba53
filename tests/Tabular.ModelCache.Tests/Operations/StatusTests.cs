using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Operations;

public sealed class StatusTests : IAsyncDisposable
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"));
    private readonly TestCache _cache;

    public StatusTests() => _cache = new TestCache(_store, _source, null, ("ModelCache:Retention:GracePeriod", "7.00:00:00"));

    private IModelCacheOperations Operations => _cache.Services.GetRequiredService<IModelCacheOperations>();

    [Fact]
    public async Task GetStatus_EmptyStore_KnowsNoSignature()
    {
        var status = await Operations.GetStatusAsync();

        status.HasSignature.Should().BeNull();
        status.Models.Should().ContainSingle().Which.Should().BeEquivalentTo(
            new { Name = TestCache.Model, Configured = true, Active = (string?)null, Lease = (LeaseReport?)null, Leftovers = 0 });
    }

    [Fact]
    public async Task GetStatus_AfterRollback_ShowsWhatIsActiveHeldPinnedAndSigned()
    {
        var first = (await _cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "bad content"));
        var second = (await _cache.PublishAsync()).Version;
        await Operations.RollBackAsync(TestCache.Model, reason: "wrong answers");
        await Operations.PinAsync(TestCache.Model, first.Version);

        var status = await Operations.GetStatusAsync();

        status.HasSignature.Should().BeFalse();
        var model = status.Models.Single();
        model.Should().BeEquivalentTo(new { Active = first.Version, Held = second.Source.Digest, HeldReason = "wrong answers" });
        model.Lease.Should().BeEquivalentTo(new { State = LeaseHolding.Released, Epoch = 4L });
        model.Versions.Should().BeEquivalentTo(
            [
                new { second.Version, Active = false, Pinned = false, Held = true, Superseded = false, Bytes = 11L, Files = 1, HasSignature = false },
                new { first.Version, Active = true, Pinned = true, Held = false, Superseded = false, Bytes = 7L, Files = 1, HasSignature = false },
            ],
            o => o.WithStrictOrdering());
        model.Versions.Should().OnlyContain(v => v.AgeSeconds >= 0 && v.AgeSeconds < 3600);
    }

    [Fact]
    public async Task GetStatus_SignatureOfExactlyThisManifest_IsFound()
    {
        await _cache.PublishAsync();
        var bytes = (await _store.ReadAllAsync(VersionFiles.Manifest, int.MaxValue, default))!.Bytes;
        await _store.WriteAsync($"signatures/{Sha256Hex.Of(bytes)}.sig", new MemoryStream([1]));
        (await Operations.GetStatusAsync()).HasSignature.Should().BeTrue();

        _source.Set(("blobs/a", "other"));
        await _cache.PublishAsync();

        (await Operations.GetStatusAsync()).HasSignature.Should().BeFalse("it is of another manifest");
    }

    [Fact]
    public async Task GetStatus_LeftoversAndAHolder_AreCounted()
    {
        await _cache.PublishAsync();
        await using var lease = await _cache.AcquireAsync();
        await _store.WriteAsync(new StagingArea(TestCache.Model, lease.Attempt).File("blobs/x"), new MemoryStream(new byte[1000]));

        var model = (await Operations.GetStatusAsync()).Models.Single();

        model.Should().BeEquivalentTo(new { Leftovers = 1, LeftoverBytes = 1000L });
        model.Lease!.State.Should().Be(LeaseHolding.Held);
        model.Lease.Holder.Should().Be($"{Environment.MachineName}/{Environment.ProcessId}");
    }

    [Fact]
    public async Task GetEnvironment_PublishedModel_NamesItsFolderAndStartsNothing()
    {
        var version = (await _cache.PublishAsync()).Version;
        var resolves = _source.Resolves;

        var report = await Operations.GetEnvironmentAsync();

        report.Merge().Should().BeEquivalentTo(new Dictionary<string, string> { ["OLLAMA_MODELS"] = $"/models/{version.Path}", ["OLLAMA_NOPRUNE"] = "1" });
        _source.Resolves.Should().Be(resolves);
        _cache.Cache.Status.State.Should().Be(ModelCacheState.Starting);
    }

    [Fact]
    public async Task GetEnvironment_NothingPublished_Fails()
    {
        var get = () => Operations.GetEnvironmentAsync();

        (await get.Should().ThrowAsync<ModelCacheException>()).WithMessage("*is not in manifest.json*run the sync job*");
    }

    [Fact]
    public void Merge_TwoModelsOfOneKind_IsRefused()
    {
        var report = new EnvironmentReport { Models = [Of("a"), Of("b")] };

        var merge = report.Merge;

        merge.Should().Throw<ModelCacheException>().WithMessage("The models 'a' and 'b' need different values of OLLAMA_MODELS*--model*")
            .Which.ExitCode.Should().Be(ModelCacheExitCodes.Usage);

        static EnvironmentResult Of(string name) => new()
        {
            Name = name,
            Kind = ModelKinds.Ollama,
            Version = name,
            Path = $"/models/ollama/{name}",
            Variables = ModelEnvironment.For(ModelKinds.Ollama, $"/models/ollama/{name}"),
        };
    }

    public async ValueTask DisposeAsync() => await _cache.DisposeAsync();
}
