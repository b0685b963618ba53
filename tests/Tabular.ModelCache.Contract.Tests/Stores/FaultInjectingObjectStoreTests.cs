using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class FaultInjectingObjectStoreTests
{
    private readonly InMemoryObjectStore _inner = new();
    private readonly FaultInjectingObjectStore _store;

    public FaultInjectingObjectStoreTests() => _store = new FaultInjectingObjectStore(_inner);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetSnapshot_Requests_AreNumberedAndTold()
    {
        await WriteAsync("a");
        await _store.CopyAsync("a", "b", null, Token);

        _store.GetSnapshot(clear: true).Should().Equal(
            new StoreOperation(1, StoreOperationKind.Write, "a"),
            new StoreOperation(2, StoreOperationKind.Copy, "a", "b"));
        await _store.GetAsync("a", default, Token);
        var operation = _store.GetSnapshot().Should().ContainSingle().Which;
        operation.Sequence.Should().Be(3);
        operation.IsMutation.Should().BeFalse();
        new StoreOperation(2, StoreOperationKind.Copy, "a", "b").ToString().Should().Be("#2 Copy a -> b");
    }

    [Fact]
    public async Task FailBefore_Mutation_TakesNoEffect()
    {
        _store.Inject = _ => StoreFault.FailBefore(ObjectStoreError.RateLimited);

        var failure = (await FluentActions.Awaiting(() => WriteAsync("a")).Should().ThrowAsync<ObjectStoreException>()).Which;

        failure.Error.Should().Be(ObjectStoreError.RateLimited);
        failure.OutcomeUnknown.Should().BeFalse();
        (await _inner.GetAsync("a", default, Token)).Should().BeNull();
    }

    [Fact]
    public async Task FailAfter_Mutation_TakesEffectWithAnUnknownOutcome()
    {
        _store.Inject = operation => operation.IsMutation ? StoreFault.FailAfter() : StoreFault.None;

        var failure = (await FluentActions.Awaiting(() => WriteAsync("a")).Should().ThrowAsync<ObjectStoreException>()).Which;

        failure.Error.Should().Be(ObjectStoreError.Unavailable);
        failure.OutcomeUnknown.Should().BeTrue();
        (await _store.GetAsync("a", default, Token)).Should().NotBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task TruncateRead_Stream_BreaksAfterTheBytes(int bytes)
    {
        await WriteAsync("a", "12345");
        _store.Inject = _ => StoreFault.TruncateRead(bytes);
        await using var content = await _store.OpenReadAsync("a", null, Token);
        using var read = new MemoryStream();

        var copy = () => content!.Stream.CopyToAsync(read, Token);

        (await copy.Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.Unavailable);
        read.Length.Should().Be(bytes);
        await FluentActions.Awaiting(() => _store.GetAsync("a", default, Token)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stall_Mutation_IsHeldUntilReleased(bool before)
    {
        var stall = new StoreStall();
        _store.Inject = _ => before ? StoreFault.StallBefore(stall) : StoreFault.StallAfter(stall);

        var write = WriteAsync("a");
        await stall.Reached.WaitAsync(Token);

        write.IsCompleted.Should().BeFalse();
        (await _inner.GetAsync("a", default, Token) is null).Should().Be(before);
        stall.Release();
        await write;
        (await _inner.GetAsync("a", default, Token)).Should().NotBeNull();
    }

    [Fact]
    public async Task Stall_WithoutRelease_EndsWithTheToken()
    {
        _store.Inject = _ => StoreFault.StallBefore();
        using var source = new CancellationTokenSource();
        var get = _store.GetAsync("a", default, source.Token);
        await source.CancelAsync();

        await FluentActions.Awaiting(() => get).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Run_Callbacks_SeeTheStateBeforeAndAfter()
    {
        var seen = new List<bool>();
        async Task Look(CancellationToken cancellationToken) => seen.Add(await _inner.GetAsync("a", default, cancellationToken) is not null);
        _store.Inject = operation => operation.Sequence == 1 ? StoreFault.RunBefore(Look) : StoreFault.RunAfter(Look);

        await WriteAsync("a");
        await _store.DeleteAsync("a", null, Token);
        await WriteAsync("a");

        seen.Should().Equal(false, false, true);
    }

    [Fact]
    public async Task FailAfter_List_LosesTheEnd()
    {
        await WriteAsync("a");
        _store.Inject = _ => StoreFault.FailAfter();
        var names = new List<string>();
        var list = async () =>
        {
            await foreach (var item in _store.ListAsync(string.Empty, Token))
            {
                names.Add(item.Name);
            }
        };

        (await list.Should().ThrowAsync<ObjectStoreException>()).Which.OutcomeUnknown.Should().BeFalse();
        names.Should().Equal("a");
    }

    private Task<StoredObject> WriteAsync(string name, string content = "content") =>
        _store.WriteAsync(name, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content)), null, Token);
}
