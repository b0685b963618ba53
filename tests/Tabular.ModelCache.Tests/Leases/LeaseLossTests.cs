using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>When a holder knows that it has lost the lease, and what it says.</summary>
public sealed class LeaseLossTests : LeaseTestBase
{
    [Fact]
    public async Task Renew_StoreDown_IsLostAtTwoThirdsOfTheTtlByATimer()
    {
        var down = false;
        var faulty = new FaultInjectingObjectStore(Inner, _ => down ? StoreFault.FailBefore(ObjectStoreError.Unavailable) : StoreFault.None);
        var lease = await TakeAsync(faulty);
        down = true;

        Run((Ttl * 2 / 3) - TimeSpan.FromMilliseconds(1));
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        Run(TimeSpan.FromMilliseconds(1));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage("*lost*");
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_HungCall_DoesNotDelayTheLoss()
    {
        var stall = new StoreStall();
        var hang = false;
        var faulty = new FaultInjectingObjectStore(Inner, _ => hang ? StoreFault.StallBefore(stall) : StoreFault.None);
        var lease = await TakeAsync(faulty);
        hang = true;

        Run(Ttl * 2 / 3);

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        stall.Release();
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_TakenOverWhilePaused_IsLostAndReleaseLeavesTheOtherAlone()
    {
        var paused = false;
        var faulty = new FaultInjectingObjectStore(Inner, _ => paused ? StoreFault.FailBefore(ObjectStoreError.Unavailable) : StoreFault.None);
        var former = await TakeAsync(faulty);
        paused = true;
        var candidate = Manager().CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Run(Ttl);
        await using var holder = await candidate.TryAcquireAsync(0, default);
        paused = false;

        Run(TimeSpan.FromSeconds(10));
        await former.DisposeAsync();

        former.Lost.IsCancellationRequested.Should().BeTrue();
        holder!.Lost.IsCancellationRequested.Should().BeFalse();
        (await GetAsync()).Metadata["owner"].Should().Be(holder.Attempt.Nonce);
        (await GetAsync()).Metadata["state"].Should().Be("held");
    }

    [Fact]
    public async Task Renew_ReleasedByAnOperator_IsLost()
    {
        var lease = await TakeAsync();
        await Inner.PatchMetadataAsync(Name, LeaseState.Release());

        Run(TimeSpan.FromSeconds(8));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_ObjectDeleted_IsLost()
    {
        var lease = await TakeAsync();
        await Inner.DeleteAsync(Name);

        Run(TimeSpan.FromSeconds(8));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_StoreDownAfterAMinute_IsLostTwoThirdsOfTheTtlAfterTheLastRenewalByItself()
    {
        var lease = await TakeAsync();
        Run(TimeSpan.FromSeconds(60));
        Store.Inject = _ => StoreFault.FailBefore();

        Run(TimeSpan.FromSeconds(19.9));
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        Run(TimeSpan.FromSeconds(0.1));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        Lost.Should().Equal(Model);
        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage("*could not be renewed in time: *");
        var requests = Store.GetSnapshot().Count;
        Run(TimeSpan.FromMinutes(1));
        await lease.DisposeAsync();
        Lost.Should().ContainSingle("it is told once");
        Store.GetSnapshot().Should().HaveCount(requests, "nothing is asked for a lease that is lost");
    }

    [Theory]
    [InlineData("deleted", "its object was deleted")]
    [InlineData("released", "an operator has released it")]
    [InlineData("taken", "another/1 has taken it over")]
    [InlineData("copied", "*has taken it over")]
    public async Task Renew_LeaseIsNoLongerOurs_IsLostAtTheNextRenewalWithTheReason(string how, string reason)
    {
        var lease = await TakeAsync();
        var held = (await Inner.GetAsync(Name))!;
        await (how switch
        {
            "deleted" => Inner.DeleteAsync(Name),
            "released" => Inner.PatchMetadataAsync(Name, LeaseState.Release()),
            "taken" => WriteAsync(new LeaseState("x", 2, "y", Ttl, false, "another/1").ToMetadata()),
            _ => WriteAsync(new Dictionary<string, string>(held.Metadata)),
        });

        Run(TimeSpan.FromSeconds(7.5));

        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage($"*({reason})*");
        Lost.Should().Equal(Model);
        await lease.DisposeAsync();
    }
}
