using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>What a publish tells of how far it is, for the log, /healthz and the progress bar.</summary>
public sealed class PublishProgressTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));
    private readonly Recording _progress = new();

    [Fact]
    public async Task Publish_EverythingIsPulled_TellsEachStepAndCountsToTheTotal()
    {
        await using var cache = new TestCache(_store, _source);

        var version = (await cache.PublishAsync(PublishMode.Start, _progress)).Version;

        _progress.Steps.Should().Equal("Pulling resolving test://demo", "Pulling pulling 3 files", $"Publishing publishing {version.Version}");
        _progress.Reports[0].Should().Be((0, 25));
        _progress.Reports.Should().OnlyContain(r => r.Total == 25);
        _progress.Reports.Max(r => r.Bytes).Should().Be(25);
        _progress.PulledBytes.Should().Be(25);
    }

    [Fact]
    public async Task Publish_SomeIsCopiedOnTheServer_CountsItAsDoneButNotAsPulled()
    {
        await using var cache = new TestCache(_store, _source);
        await cache.PublishAsync();
        _source.Set(("blobs/a", "first"), ("blobs/c", "third one"));

        await cache.PublishAsync(PublishMode.Sync, _progress);

        _progress.Reports.Max(r => r.Bytes).Should().Be(14);
        _progress.PulledBytes.Should().Be("third one".Length);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 5)]
    [InlineData(3, 11)]
    public async Task Publish_DeadRunHadMovedSome_CountsThemAtOnceAndPullsNothing(int moves, int promoted)
    {
        // Three files and the record are staged under the lease; then they are moved.
        const int Staged = 5;
        (await KilledProcess.SyncAsync(_store, _source, Staged + moves, afterEffect: false)).Should().BeTrue();
        await KilledProcess.ReleaseLeaseAsync(_store);
        (await _store.ReadAllAsync()).Where(o => o.Key.StartsWith("ollama/", StringComparison.Ordinal)).Sum(o => o.Value.Length).Should().Be(promoted);
        await using var cache = new TestCache(_store, _source);

        var result = await cache.PublishAsync(PublishMode.Sync, _progress);

        _progress.Reports.Max(r => r.Bytes).Should().Be(25);
        (result.BytesPulled, result.BytesCopied, _progress.PulledBytes).Should().Be((0, 25 - promoted, 0));
    }

    [Fact]
    public async Task Publish_AdoptsAFinishedVersion_SaysSo()
    {
        await using (var cache = new TestCache(_store, _source))
        {
            await cache.PublishAsync();
        }

        await _store.DeleteAsync("manifest.json");
        await using var next = new TestCache(_store, _source);

        var result = await next.PublishAsync(PublishMode.Start, _progress);

        result.Action.Should().Be(PublishAction.Adopted);
        _progress.Steps[^1].Should().Be($"Publishing adopting {result.Version.Version}, which another process finished but did not activate");
        _progress.Reports.Should().BeEmpty("nothing has to be brought");
    }

    [Fact]
    public async Task Publish_Unchanged_OnlyResolves()
    {
        await using var cache = new TestCache(_store, _source);
        await cache.PublishAsync();

        await cache.PublishAsync(PublishMode.Sync, _progress);

        _progress.Steps.Should().Equal("Pulling resolving test://demo");
    }

    [Fact]
    public async Task Publish_StartFindsItThere_DoesNotEvenResolve()
    {
        await using var cache = new TestCache(_store, _source);
        await cache.PublishAsync();
        var resolves = _source.Resolves;

        var result = await cache.PublishAsync(PublishMode.Start, _progress);

        result.Action.Should().Be(PublishAction.Unchanged);
        _progress.Steps.Should().BeEmpty();
        _source.Resolves.Should().Be(resolves);
    }

    private sealed class Recording : IPublishProgress
    {
        private readonly Lock _gate = new();

        public List<string> Steps { get; } = [];

        public List<(long Bytes, long Total)> Reports { get; } = [];

        public long PulledBytes { get; private set; }

        public void Enter(ModelCacheState state, string reason)
        {
            lock (_gate)
            {
                Steps.Add($"{state} {reason}");
            }
        }

        public void Pulled(long bytes)
        {
            lock (_gate)
            {
                PulledBytes += bytes;
            }
        }

        public void Report(long bytes, long total)
        {
            lock (_gate)
            {
                Reports.Add((bytes, total));
            }
        }
    }
}
