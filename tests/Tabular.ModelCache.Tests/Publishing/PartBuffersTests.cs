using Tabular.ModelCache.Publishing;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class PartBuffersTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly PartBuffers _buffers = new(new PartLimits { Size = 16, InMemory = 2 });

    [Fact]
    public async Task Rent_AllAreOut_WaitsInTurn()
    {
        var (one, two) = (_buffers.TryRent()!, await _buffers.RentAsync(default));
        one.Should().HaveCount(16).And.NotBeSameAs(two);
        _buffers.TryRent().Should().BeNull();
        var (third, fourth) = (_buffers.RentAsync(default), _buffers.RentAsync(default));
        (third.IsCompleted, fourth.IsCompleted).Should().Be((false, false));

        _buffers.Return(one);
        (await third.WaitAsync(Deadline)).Should().BeSameAs(one);
        fourth.IsCompleted.Should().BeFalse();
        _buffers.Return(two);
        (await fourth.WaitAsync(Deadline)).Should().BeSameAs(two);
        _buffers.TryRent().Should().BeNull("as many are out as before");
    }

    [Fact]
    public void Return_NobodyWaits_IsRentedAgain()
    {
        var (one, two) = (_buffers.TryRent()!, _buffers.TryRent()!);

        _buffers.Return(one);
        _buffers.TryRent().Should().BeSameAs(one);
        _buffers.Return(two);
        _buffers.Return(one);
        new[] { _buffers.TryRent(), _buffers.TryRent() }.Should().BeEquivalentTo(new[] { one, two }, "they are used again while nobody else has taken their memory");
        _buffers.TryRent().Should().BeNull();
        GC.KeepAlive((one, two));
    }

    [Fact]
    public void Return_AllAreBack_LeavesTheMemoryToTheApp()
    {
        var gone = RentAndForget();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        gone.TryGetTarget(out _).Should().BeFalse("between two pulls nothing holds it");
        new[] { _buffers.TryRent(), _buffers.TryRent() }.Should().NotContainNulls().And.OnlyHaveUniqueItems();
        _buffers.TryRent().Should().BeNull();
    }

    [Fact]
    public void Return_OneIsStillOut_KeepsTheOther()
    {
        var returned = ReturnOne();

        GC.Collect();

        returned.TryGetTarget(out var kept).Should().BeTrue("a pull is going on");
        _buffers.TryRent().Should().BeSameAs(kept);
    }

    [Fact]
    public async Task Rent_CancelledWhileItWaits_LeavesItsTurnToTheNext()
    {
        var (one, _) = (_buffers.TryRent()!, _buffers.TryRent()!);
        using var cancel = new CancellationTokenSource();
        var (impatient, patient) = (_buffers.RentAsync(cancel.Token), _buffers.RentAsync(default));

        await cancel.CancelAsync();
        _buffers.Return(one);

        await impatient.Invoking(i => i.WaitAsync(Deadline)).Should().ThrowAsync<OperationCanceledException>();
        (await patient.WaitAsync(Deadline)).Should().BeSameAs(one);
        await _buffers.Invoking(b => b.RentAsync(cancel.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private WeakReference<byte[]> RentAndForget()
    {
        var (one, two) = (_buffers.TryRent()!, _buffers.TryRent()!);
        _buffers.Return(two);
        _buffers.Return(one);
        return new WeakReference<byte[]>(one);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private WeakReference<byte[]> ReturnOne()
    {
        _ = _buffers.TryRent();
        var other = _buffers.TryRent()!;
        _buffers.Return(other);
        return new WeakReference<byte[]>(other);
    }
}
