using System.Collections.Concurrent;
using System.Diagnostics;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>One puller that is stopped after its n-th change, its successor, and its awakening.</summary>
internal sealed class PauseCase(int number, bool upstreamChanges) : IDisposable
{
    private const string Model = "llm";
    private const int ExitCodeOfAFailedStart = 70;

    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(240);

    private readonly Deployment _deployment = new Deployment().WithModel(Model, "ollama").WithSetting("Lease:Ttl", $"{Ttl}");
    private readonly TaskCompletionSource<CloudStorageRequest> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _changes;

    /// <summary>Runs undisturbed.</summary>
    /// <returns>The changes of the store, in their order.</returns>
    public async Task<List<CloudStorageRequest>> RecordAsync()
    {
        WriteSource(seed: 1);
        await using var bucket = await CloudBucket.StartAsync();
        var changes = new ConcurrentQueue<CloudStorageRequest>();
        bucket.OnMutation = async request =>
        {
            if (!await bucket.IsRenewalAsync(request))
            {
                changes.Enqueue(request);
            }
        };
        await using var app = bucket.Connect(_deployment).Start();
        await app.WaitForOutputAsync("The gate is open", Deadline);
        return [.. changes];
    }

    /// <summary>Runs the case.</summary>
    /// <returns>What happened, in one line.</returns>
    public async Task<string> RunAsync()
    {
        WriteSource(seed: 1);
        await using var bucket = await CloudBucket.StartAsync();
        var deployment = bucket.Connect(_deployment);
        TabularProcess? first = null;
        bucket.OnMutation = async request =>
        {
            if (!await bucket.IsRenewalAsync(request) && Interlocked.Increment(ref _changes) == number)
            {
                first!.Pause();
                _stopped.SetResult(request);
            }
        };
        await using var victim = first = deployment.Start();
        var change = await _stopped.Task.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        if (upstreamChanges)
        {
            WriteSource(seed: 2);
        }

        await using var successor = deployment.Start();
        await successor.WaitForOutputAsync("The gate is open", Deadline);
        await Poll.ForAsync(() => Task.FromResult(watch.Elapsed > Ttl ? watch : null), () => "the end of the lease");
        var name = $"change {number} ({change.Operation} {change.ObjectName}), upstream {(upstreamChanges ? "changed" : "unchanged")}";
        var before = await bucket.ListAsync();
        var seen = bucket.Requests.Count;

        victim.Send(Signal.Continue);
        var end = await WaitForEndAsync(victim);

        // The bucket as the successor left it: nothing deleted, overwritten, or added, but for staging of the former holder.
        var after = await bucket.ListAsync();
        var tookLease = successor.Output.Any(l => l.Contains("Acquired the lease", StringComparison.Ordinal));
        Published(after, tookLease).Should().Equal(Published(before, tookLease), name);
        after.Keys.Except(before.Keys).Should().NotContain(n => !n.StartsWith($".tmp/{Model}/1-", StringComparison.Ordinal), name);
        bucket.Flips.Select(f => f.Active[Model]).Distinct().Should().ContainSingle(name + victim.Transcript + successor.Transcript);
        await ShouldServeWhatWasPublishedAsync(bucket, successor, name);
        if (!victim.HasExited)
        {
            await ShouldServeWhatWasPublishedAsync(bucket, victim, name);
        }

        var late = bucket.Requests.Skip(seen).Where(r => r.Mutated).Select(r => $"{r.Request.Operation} {r.Request.ObjectName}").ToList();
        return $"{name}: {end}; successor {Outcome(successor)}, {bucket.Flips.Count} changes of the manifest, late changes: {string.Join(", ", late)}";
    }

    public void Dispose() => _deployment.Dispose();

    private void WriteSource(int seed) => ModelFiles.WriteOllama(_deployment.Source(Model), seed, 2 << 20, 70_000, 300);

    /// <summary>
    /// All objects but staging, with what identifies their content and metadata. The lease belongs to the successor only if it took it:
    /// otherwise the former holder may still renew and release it, as nobody has changed it since.
    /// </summary>
    private static IEnumerable<string> Published(Dictionary<string, Stores.StoredObject> objects, bool withLease) => objects.Values
        .Where(o => !o.Name.StartsWith(".tmp/", StringComparison.Ordinal) && (withLease || !o.Name.StartsWith(".locks/", StringComparison.Ordinal)))
        .Select(o => $"{o.Name} {o.Generation} {o.Metageneration}")
        .Order(StringComparer.Ordinal);

    private static string Outcome(TabularProcess app)
    {
        var line = app.Output.Single(l => l.Contains($"Model {Model} is verified: ", StringComparison.Ordinal));
        return line.Split(' ').Single(w => w.StartsWith("outcome=", StringComparison.Ordinal));
    }

    /// <summary>Ready, or the exit code of a failed start with one line that says why.</summary>
    private static async Task<string> WaitForEndAsync(TabularProcess victim)
    {
        await Poll.ForAsync(
            () => Task.FromResult(victim.HasExited || victim.Output.Any(l => l.Contains("The gate is open", StringComparison.Ordinal)) ? victim : null),
            () => $"an end of the former holder{victim.Transcript}",
            Deadline);
        if (!victim.HasExited)
        {
            victim.Log.Should().NotContain(e => e.IsNoise);
            return "ready, " + Outcome(victim);
        }

        (await victim.WaitForExitAsync()).Should().Be(ExitCodeOfAFailedStart, victim.Transcript);
        var reason = victim.Log.Single(e => e.Level == "crit").Message;
        reason.Should().NotContain("Unexpected").And.NotContain("\n");
        return "exit 70: " + reason;
    }

    private async Task ShouldServeWhatWasPublishedAsync(CloudBucket bucket, TabularProcess app, string name)
    {
        var manifest = await bucket.ReadManifestAsync();
        (await app.GetHealthAsync()).State.Should().Be("ready", name);
        var served = (await app.GetModelsAsync()).Single();
        served.Version.Should().Be(manifest.Active[Model], name);
        served.Path.Should().Be(Path.Join(bucket.Folder, manifest.Folders[Model]), name);
        manifest.Files.Should().AllSatisfy(f => f.ShouldBeShownBy(bucket.Folder), name);
        if (!upstreamChanges)
        {
            ModelFiles.ShouldBeEqual(served.Path, _deployment.Source(Model));
        }
    }
}
