using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>Large files travel in parts; a "large" file has more than 100 bytes here.</summary>
public sealed class LargeFileTests
{
    private const int PartSize = 10;
    private const int InMemory = 3;
    private const string Path = "blobs/large";

    // 105 parts: they are joined in two stages.
    private readonly byte[] _content = RandomNumberGenerator.GetBytes((104 * PartSize) + 3);
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new() { GivesRanges = true };

    public LargeFileTests() => _source.Set((Path, _content), ("manifests/m", "refers to it"u8.ToArray()));

    [Fact]
    public async Task Publish_LargeFile_ReadsEachPartOnceAndJoinsThem()
    {
        var reading = 0;
        var most = 0;
        _source.Opening = async (_, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref reading));
            await Task.Yield();
            Interlocked.Decrement(ref reading);
        };
        await using var cache = New(_store);

        var result = await cache.PublishAsync();

        (await _store.ReadAllAsync())[$"{result.Version.Path}/{Path}"].Should().Equal(_content);
        _source.Ranges.Select(r => (r.Offset, r.Count)).Should().BeEquivalentTo(AllParts());
        most.Should().BeInRange(2, InMemory + 1, "as many parts as there is memory for, and the small file, are read at the same time");
        result.BytesPulled.Should().Be(_content.Length + "refers to it".Length);
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Theory]
    [InlineData(StoreOperationKind.Write, 1)]
    [InlineData(StoreOperationKind.Write, 50)]
    [InlineData(StoreOperationKind.Compose, 2)]
    [InlineData(StoreOperationKind.Compose, 5)]
    public async Task Publish_AfterARunThatDied_PullsOnlyWhatIsNotThere(StoreOperationKind kind, int occurrence)
    {
        var seen = 0;
        var broken = new FaultInjectingObjectStore(
            _store,
            operation => operation.Kind == kind && (operation.DestinationName ?? operation.Name).StartsWith(".tmp/", StringComparison.Ordinal) && ++seen >= occurrence
                ? StoreFault.FailBefore()
                : StoreFault.None);
        await using (var dying = New(broken))
        {
            await dying.Awaiting(c => c.PublishAsync()).Should().ThrowAsync<ObjectStoreException>();
        }

        var before = (await _store.ReadAllAsync()).Keys.Count(k => k.Contains("/parts/", StringComparison.Ordinal) && !k.Contains("join", StringComparison.Ordinal));
        _source.Ranges.Clear();
        await using var next = New(_store);

        var result = await next.PublishAsync();

        (await _store.ReadAllAsync())[$"{result.Version.Path}/{Path}"].Should().Equal(_content);
        _source.Ranges.Should().HaveCount(105 - before).And.OnlyHaveUniqueItems();
        if (kind == StoreOperationKind.Compose)
        {
            _source.Ranges.Should().BeEmpty();
        }

        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_DeadRunLeftOtherBytes_FindsOutAndPullsThemAgain()
    {
        var folder = $".tmp/{TestCache.Model}/1-0123456789abcdef/parts/{Convert.ToHexStringLower(SHA256.HashData(_content))}";
        await _store.WriteAsync($"{folder}/20", new MemoryStream(new byte[PartSize]));
        await _store.WriteAsync($"{folder}/30", new MemoryStream(new byte[PartSize + 1]));
        await _store.WriteAsync($"{folder}/join-1-0", new MemoryStream(new byte[PartSize]));
        await using var first = New(_store);
        await using (await first.AcquireAsync())
        {
            // The lease has epoch 1 now, and what lies there is of an older attempt than the next one.
        }

        var result = await first.PublishAsync();

        (await _store.ReadAllAsync())[$"{result.Version.Path}/{Path}"].Should().Equal(_content);
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_SourceSendsOtherBytes_LeavesNothingToResume()
    {
        _source.Sent[Path] = [.. _content[..^1], (byte)(_content[^1] + 1)];
        await using var cache = New(_store);

        (await cache.Awaiting(c => c.PublishAsync()).Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"The source of '{Path}' sent other bytes than it promised: expected sha256 *, found *; nothing was published.");

        (await _store.ReadAllAsync()).Keys.Should().NotContain(k => k.Contains("/parts/", StringComparison.Ordinal) || k.Contains("large", StringComparison.Ordinal));
        _source.Sent.Clear();
        (await cache.PublishAsync()).Action.Should().Be(PublishAction.Published);
    }

    [Fact]
    public async Task Publish_SourceEndsInMidPart_SaysSo()
    {
        _source.Sent[Path] = _content[..505];
        await using var cache = New(_store);

        (await cache.Awaiting(c => c.PublishAsync()).Should().ThrowAsync<ModelCacheException>()).WithMessage($"The source of '{Path}' ended * too early*");
    }

    [Fact]
    public async Task Publish_SourceTurnsOutToGiveNoRanges_PullsTheWholeFile()
    {
        _source.Opening = (_, _) =>
        {
            _source.GivesRanges = false;
            return Task.CompletedTask;
        };
        await using var cache = New(_store);

        var result = await cache.PublishAsync();

        (await _store.ReadAllAsync())[$"{result.Version.Path}/{Path}"].Should().Equal(_content);
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_SeveralLargeFilesAndLittleMemory_Ends()
    {
        var files = Enumerable.Range(0, 6).Select(i => ($"blobs/{i}", RandomNumberGenerator.GetBytes(500 + i))).ToArray();
        _source.Set(files);
        _source.Opening = async (_, _) => await Task.Yield();
        await using var cache = New(_store, inMemory: 1);

        var result = await cache.PublishAsync().WaitAsync(TimeSpan.FromSeconds(30));

        result.BytesPulled.Should().Be(files.Sum(f => f.Item2.Length));
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    private static TestCache New(IObjectStore store, TestSource source, int inMemory) => new(
        store,
        source,
        builder => builder.Services.AddSingleton(new PartLimits { Size = PartSize, InMemory = inMemory, LargestWhole = 100 }));

    private TestCache New(IObjectStore store, int inMemory = InMemory) => New(store, _source, inMemory);

    private static IEnumerable<(long, long)> AllParts() =>
        Enumerable.Range(0, 105).Select(i => ((long)i * PartSize, i == 104 ? 3L : PartSize));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
