using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>What a candidate tells and asks while it does not get the lease.</summary>
public sealed class LeaseCandidateTests : LeaseTestBase
{
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Holder_HeldThenReleased_IsToldWhileItIsHeld()
    {
        var candidate = Manager().CreateCandidate(Model);
        var lease = (await Manager(seed: 2).CreateCandidate(Model).TryAcquireAsync(0, default))!;

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        candidate.Holder!.Owner.Should().Be(lease.Attempt.Nonce);

        await lease.DisposeAsync();
        await using var next = await candidate.TryAcquireAsync(0, default);
        candidate.Holder.Should().BeNull();
        next!.Attempt.Epoch.Should().Be(2);
    }

    [Fact]
    public void NextTry_ManyCandidates_LieBetweenOnceAndTwiceThePollInterval()
    {
        var manager = Manager();

        var tries = Enumerable.Range(0, 1000).Select(_ => manager.CreateCandidate(Model).NextTry).ToList();

        tries.Should().AllSatisfy(t => t.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(4)).And.BeLessThan(TimeSpan.FromSeconds(8)));
        tries.Max().Should().BeGreaterThan(TimeSpan.FromSeconds(7));
        tries.Min().Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Attempt_TwoOfThem_HaveOwnNonces()
    {
        var manager = Manager();
        await using var one = await manager.CreateCandidate("one").TryAcquireAsync(0, default);
        await using var two = await manager.CreateCandidate("two").TryAcquireAsync(0, default);

        one!.Attempt.Nonce.Should().MatchRegex("^[0-9a-f]{16}$").And.NotBe(two!.Attempt.Nonce).And.NotBe(new string('0', 16));
    }

    [Fact]
    public async Task TryAcquire_InACrowd_StandsBackOnceEachTimeItIsFree()
    {
        var candidate = Manager(slot: Slot).CreateCandidate(Model);

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        candidate.NextTry.Should().BeLessThan(Slot * (Election.Slots + 1));
        var lease = await candidate.TryAcquireAsync(0, default);
        lease.Should().NotBeNull();
        await lease!.DisposeAsync();

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull("it is free anew");
        await using var again = await candidate.TryAcquireAsync(0, default);
        again!.Attempt.Epoch.Should().Be(2);
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 0)]
    public async Task TryAcquire_AloneOrWithoutSlots_DoesNotStandBack(bool isInCrowd, int slot)
    {
        await using var lease = await Manager(slot: TimeSpan.FromMilliseconds(slot)).CreateCandidate(Model, isInCrowd).TryAcquireAsync(0, default);

        lease.Should().NotBeNull();
    }

    [Theory]
    [InlineData(ObjectStoreError.Unavailable)]
    [InlineData(ObjectStoreError.RateLimited)]
    public async Task TryAcquire_StoreDoesNotAnswer_TriesAgainLaterAndSaysWhy(ObjectStoreError error)
    {
        var candidate = Manager().CreateCandidate(Model);
        Store.Inject = o => o.Kind == StoreOperationKind.Get ? StoreFault.FailBefore(error) : StoreFault.None;
        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        Store.Inject = o => o.Kind == StoreOperationKind.Write ? StoreFault.FailBefore(error) : StoreFault.None;
        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();

        Log.Collector.GetSnapshot().Count(r => r.Id.Name == "LeaseTryFailed").Should().Be(2);
    }

    [Theory]
    [InlineData(StoreOperationKind.Get)]
    [InlineData(StoreOperationKind.Write)]
    public async Task TryAcquire_StoreForbidsIt_Throws(StoreOperationKind kind)
    {
        Store.Inject = o => o.Kind == kind ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;

        var attempt = () => Manager().CreateCandidate(Model).TryAcquireAsync(0, default);

        (await attempt.Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.PermissionDenied);
    }

    [Fact]
    public async Task TryAcquire_AnotherCreatesItInBetween_IsNull()
    {
        var raced = false;
        Store.Inject = o => o.Kind == StoreOperationKind.Write && !raced
            ? StoreFault.RunBefore(async _ =>
            {
                raced = true;
                (await Manager(seed: 2).CreateCandidate(Model).TryAcquireAsync(0, default)).Should().NotBeNull();
            })
            : StoreFault.None;

        (await Manager().CreateCandidate(Model).TryAcquireAsync(0, default)).Should().BeNull();
        raced.Should().BeTrue();
    }

    [Fact]
    public async Task TryAcquire_StoreHangs_IsGivenUpAfterASixthOfTheTtl()
    {
        Store.Inject = _ => StoreFault.StallBefore();
        var attempt = Manager().CreateCandidate(Model).TryAcquireAsync(0, default);

        Run((Ttl / 6) - TimeSpan.FromMilliseconds(100));
        attempt.IsCompleted.Should().BeFalse();
        Run(TimeSpan.FromMilliseconds(100));

        (await attempt.WaitAsync(TimeSpan.FromSeconds(30))).Should().BeNull();
        Log.LatestRecord.Message.Should().Contain("did not answer a request for a lease within 5 s");
    }

    [Fact]
    public async Task TryAcquire_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        Store.Inject = _ => StoreFault.StallBefore();
        var attempt = Manager().CreateCandidate(Model).TryAcquireAsync(0, cancel.Token);

        await cancel.CancelAsync();

        await attempt.Invoking(a => a.WaitAsync(TimeSpan.FromSeconds(30))).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task TryAcquire_TakesOver_SaysFromWhom()
    {
        await Store.WriteBytesAsync(
            LeaseManager.ObjectNameOf(Model),
            [],
            new ObjectWriteOptions { Metadata = new LeaseState("dead", 7, "r", Ttl, false, "host/1").ToMetadata() },
            CancellationToken.None);
        var candidate = Manager().CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Run(Ttl);

        await using var lease = await candidate.TryAcquireAsync(3, default);

        lease!.Attempt.Epoch.Should().Be(8);
        Log.Collector.GetSnapshot().Should().ContainSingle(r => r.Id.Name == "LeaseTakeover").Which.Message.Should().Contain("from dead on host/1");
    }
}
