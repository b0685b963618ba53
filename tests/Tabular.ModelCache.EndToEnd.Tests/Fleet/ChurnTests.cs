using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>
/// Syncs in a loop, against instances that start, follow updates, are stopped or killed, and meanwhile roll back, activate, pin, unpin and
/// prune at random.
/// </summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class ChurnTests : IDisposable
{
    private const int Instances = 8;
    private const int Contents = 6;
    private const int Seed = 20251114;

    private static readonly string[] Models = ["llm", "embedder"];
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Duration = FullRun.IsOn ? TimeSpan.FromMinutes(10) : TimeSpan.FromMinutes(2);

    // What a command may say when another was faster, besides "busy".
    private static readonly string[] Overtaken = ["has no kept version that was active before", "has no version '", "is being deleted and cannot come back"];

    private readonly Deployment _deployment = new Deployment().WithModel(Models[0], "ollama").WithModel(Models[1], "sbert");
    private readonly ConcurrentDictionary<string, int> _done = new(StringComparer.Ordinal);
    private CloudBucket _bucket = null!;
    private ChurnHistory _history = null!;

    [Fact]
    public async Task Churn_OfSyncsInstancesAndOperators_BreaksNoInvariant()
    {
        await using var bucket = _bucket = await CloudBucket.StartAsync();
        bucket.Connect(_deployment)
            .WithSetting("FollowUpdates", "true")
            .WithSetting("Mount:ProbeInterval", "00:00:01")
            .WithSetting("Retention:Keep", "2")
            .WithSetting("Retention:GracePeriod", $"{Grace}");
        _history = new ChurnHistory(bucket, Grace);
        await SyncAsync(new Random(Seed));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(Duration);

        // The first failure ends the others too.
        await Task.WhenAll(Enumerable.Range(0, Instances).Select(i => UntilAsync(end, new Random(Seed + i), LiveAsync))
            .Append(UntilAsync(end, new Random(Seed - 1), SyncAsync))
            .Append(UntilAsync(end, new Random(Seed - 2), ReadAsync)));

        var manifest = await bucket.ReadManifestAsync();
        var flips = bucket.Requests.Count(r => r.Mutated && r.Request.ObjectName == "manifest.json");
        manifest.Sequence.Should().Be(flips, "each flip raises the sequence by one");
        (await _deployment.RunCommandAsync("verify", "--level", "Content")).ExitCode.Should().Be(0);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{flips} flips, {_history.Versions} versions, {_history.Reads} complete reads; {string.Join(", ", _done.OrderBy(d => d.Key).Select(d => $"{d.Key} {d.Value}"))}."));
        _history.Reads.Should().BePositive();
        _done.Keys.Should().Contain(["sync 0", "start", "rollback 0", "prune 0"]);
    }

    public void Dispose() => _deployment.Dispose();

    private static async Task UntilAsync(CancellationTokenSource end, Random random, Func<Random, Task> step)
    {
        try
        {
            while (!end.IsCancellationRequested)
            {
                await step(random);
            }
        }
        catch
        {
            await end.CancelAsync();
            throw;
        }
    }

    /// <summary>Gives the sources other contents, some of which they had before, and syncs.</summary>
    private async Task SyncAsync(Random random)
    {
        ModelFiles.WriteOllama(_deployment.Source(Models[0]), random.Next(Contents), 200_000, 300);
        ModelFiles.WriteSbert(_deployment.Source(Models[1]), random.Next(Contents), 150_000, 9000);
        Count("sync", await _deployment.RunCommandAsync("sync"));
    }

    private async Task ReadAsync(Random random)
    {
        await _history.ReadAllAsync(Models[0]);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>One life of an instance, at whose side an operator works.</summary>
    private async Task LiveAsync(Random random)
    {
        await using var app = _deployment.Start();
        await app.WaitForHealthAsync(h => h.Code == HttpStatusCode.OK, "an open gate");
        _done.AddOrUpdate("start", 1, (_, n) => n + 1);
        for (var rounds = random.Next(1, 6); rounds > 0; rounds--)
        {
            await ActAsync(random);
            var health = await app.GetHealthAsync();
            health.Code.Should().Be(HttpStatusCode.OK, "{0}{1}", health, app.Transcript);
            foreach (var model in await app.GetModelsAsync())
            {
                _history.Read(model.Version);
            }
        }

        app.Log.Should().NotContain(e => e.IsNoise, app.Transcript);
        if (random.Next(3) > 0)
        {
            app.Send(Signal.Terminate);
            (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
        }
    }

    private async Task ActAsync(Random random)
    {
        var model = Models[random.Next(Models.Length)];
        var kept = await _history.LookAsync(model);
        var version = kept[random.Next(kept.Count)];
        string[] command = random.Next(6) switch
        {
            0 => ["activate", "--model", model, "--version", version],
            1 => ["pin", "--model", model, "--version", version],
            2 or 3 => ["unpin", "--model", model, "--version", version],
            4 => ["prune"],
            _ => ["rollback", "--model", model, "--reason", "churn"],
        };
        Count(command[0], await _deployment.RunCommandAsync(command));
        await _history.LookAsync(model);
    }

    private void Count(string command, CommandResult result)
    {
        _done.AddOrUpdate($"{command} {result.ExitCode}", 1, (_, n) => n + 1);
        if (result.ExitCode != ModelCacheExitCodes.Success && result.ExitCode != ModelCacheExitCodes.LeaseBusy)
        {
            Overtaken.Should().Contain(text => result.Error.Contains(text, StringComparison.Ordinal), "{0} wrote {1}{2}", command, result.Output, result.Error);
        }
    }
}
