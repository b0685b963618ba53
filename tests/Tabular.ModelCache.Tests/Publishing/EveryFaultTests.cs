using System.Collections.Concurrent;
using System.Globalization;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>Every request of a full publish fails in every way, one at a time.</summary>
public sealed class EveryFaultTests : IAsyncLifetime
{
    // Runs mostly wait, except for those that move many bytes.
    private const int Lanes = 24;
    private const int LargeLanes = 4;

    // More than one request can carry, so that it goes up in a resumable session of two chunks.
    private const int LargeSize = (4 << 20) + 1000;

    private static readonly (string Name, CloudStorageFault Fault)[] Faults =
    [
        ("503", CloudStorageFault.Error(503)),
        ("503 after the effect", CloudStorageFault.Error(503) with { AfterEffect = true }),
        ("429", CloudStorageFault.Error(429, "rateLimitExceeded")),
        ("401", CloudStorageFault.Error(401, "authError", "Invalid Credentials")),
        ("403", CloudStorageFault.Error(403, "forbidden", "Caller does not have access.")),
        ("404", CloudStorageFault.Error(404, "notFound", "No such object.")),
        ("410", CloudStorageFault.Error(410, "gone", "Gone.")),
        ("412", CloudStorageFault.Error(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")),
        ("reset before the effect", CloudStorageFault.ResetBefore()),
        ("reset after the effect", CloudStorageFault.LoseResponse()),
        ("stall before the effect", new CloudStorageFault { Stall = true }),
        ("stall after the effect", new CloudStorageFault { Stall = true, AfterEffect = true }),
        ("truncated body", CloudStorageFault.Truncate(5)),
        ("stalled body", CloudStorageFault.StallAfter(5)),
        ("wrong checksums", new CloudStorageFault { WrongChecksums = true }),
    ];

    // The full run takes every point; a quick one takes a sample with each request and each way of failing, as 4 and 15 have no common divisor.
    private static readonly int EveryNth = Environment.GetEnvironmentVariable("MODEL_CACHE_TESTS_FULL") == "1" ? 1 : 4;

    private readonly ConcurrentDictionary<string, FaultyPublish> _runs = new(StringComparer.Ordinal);
    // A minute passes in six seconds, for the server as well: retention compares what instances reckon of the store's time with each other.
    private readonly FastClock _clock = new(10);
    private CloudStorageServer _server = null!;
    private int _buckets;

    public async ValueTask InitializeAsync() => _server = await CloudStorageServer.StartAsync(
        new CloudStorageServerOptions
        {
            TimeProvider = _clock,
            Fault = request => _runs.GetValueOrDefault(request.Bucket ?? "")?.FaultOf(request),
            OnMutation = request => _runs.GetValueOrDefault(request.Bucket ?? "")?.CheckAsync(request) ?? Task.CompletedTask,
        },
        TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Publish_AnyRequestFailsInAnyWay_ConvergesAtOnceOrInTheNextRun()
    {
        var source = new TestSource(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));

        await RunAsync(null, source, _ => true);
    }

    [Fact]
    public async Task Publish_AnyRequestOfASyncThatPrunesFailsInAnyWay_ConvergesAtOnceOrInTheNextRun()
    {
        var previous = new TestSource(("blobs/a", "first"), ("manifests/m", "refers to it"));
        var source = new TestSource(("blobs/a", "first"), ("manifests/m", "refers to it in other words"));

        await RunAsync(previous, source, _ => true);
    }

    [Fact]
    public async Task Publish_AnyRequestOfAFileInPartsFailsInAnyWay_ConvergesAtOnceOrInTheNextRun()
    {
        var source = new TestSource { GivesRanges = true };
        source.Set(("blobs/large", "four parts of ten bytes, joined in one"), ("manifests/m", "refers to it"));

        await RunAsync(null, source, p => p.What.Contains("/parts/", StringComparison.Ordinal) || p.What.Contains("/blobs/large", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Publish_AnyRequestOfALargeUploadFailsInAnyWay_ConvergesAtOnceOrInTheNextRun()
    {
        var source = new TestSource();
        var large = new byte[LargeSize];
        new Random(1).NextBytes(large);
        source.Set(("blobs/large", large));

        await RunAsync(
            null,
            source,
            p => p.What.StartsWith("storage.objects.insert", StringComparison.Ordinal) && p.What.EndsWith("/blobs/large", StringComparison.Ordinal),
            LargeLanes);
    }

    private async Task RunAsync(TestSource? previous, TestSource source, Func<RequestPoint, bool> isWanted, int lanes = Lanes)
    {
        var (undisturbed, failure) = await RunAsync(previous, source, null, null);
        failure.Should().BeNull();
        var points = undisturbed.Points.Where(isWanted).ToList();
        points.Should().NotBeEmpty();
        var cases = points.SelectMany(p => Faults, (p, f) => (Point: p, f.Name, f.Fault)).Where((_, i) => i % EveryNth == 0).ToList();
        var outcomes = new ConcurrentQueue<string?>();
        var failures = new ConcurrentQueue<string>();
        var missed = 0;
        await Parallel.ForEachAsync(
            cases,
            new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = TestContext.Current.CancellationToken },
            async (one, _) =>
            {
                var error = await Record.ExceptionAsync(async () =>
                {
                    var (run, reason) = await RunAsync(previous, source, one.Point, one.Fault);
                    Interlocked.Add(ref missed, run.HasFired ? 0 : 1);
                    outcomes.Enqueue(reason is null ? null : $"{one.Name} at {one.Point}: {reason}");
                });
                if (error is not null)
                {
                    failures.Enqueue($"{one.Name} at {one.Point}: {error.Message}");
                }
            });

        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{points.Count} requests, {Faults.Length} ways to fail, {cases.Count} tried, {missed} of them not met, {outcomes.Count(o => o is null)} converged at once, {outcomes.Count(o => o is not null)} failed clearly and converged in the next run:"));
        foreach (var outcome in outcomes.OfType<string>().Order(StringComparer.Ordinal))
        {
            output.WriteLine(outcome);
        }

        failures.Should().BeEmpty();
        missed.Should().BeLessThan(cases.Count / 20 + 1);
    }

    private async Task<((IReadOnlyList<RequestPoint> Points, bool HasFired) Run, string? Failure)> RunAsync(
        TestSource? previous, TestSource source, RequestPoint? point, CloudStorageFault? fault)
    {
        var bucket = $"bucket-{Interlocked.Increment(ref _buckets)}";
        var run = _runs[bucket] = new FaultyPublish(_server, _clock, bucket, previous, source, point, fault);
        var failure = await run.RunAsync();
        _runs.TryRemove(bucket, out _);
        var points = run.SeenInFirstRun.GroupBy(s => s).SelectMany(g => g.Select((s, i) => new RequestPoint(s, i + 1))).ToList();
        return ((points, run.HasFired), failure);
    }
}
