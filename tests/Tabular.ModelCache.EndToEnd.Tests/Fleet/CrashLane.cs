using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>A bucket with two models, whose sources change before each sync; each sync replaces both and prunes what was there.</summary>
internal sealed class CrashLane : IAsyncDisposable
{
    // One file is large enough to travel in parts: nine of them, and a join.
    private const int LargeFile = 66 << 20;

    private static readonly string[] Models = ["llm", "embedder"];

    // The lease of a dead process ends as that process has said; the others renew theirs in time even on a busy machine.
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(6);

    private readonly Deployment _folders = new();
    private readonly CloudBucket _bucket;
    private int _seed;

    private CrashLane(CloudBucket bucket) => _bucket = bucket;

    public static async Task<CrashLane> StartAsync()
    {
        var lane = new CrashLane(await CloudBucket.StartAsync());
        await lane.SyncAsync(lane.ChangeSources());
        return lane;
    }

    /// <summary>Counts the changes of an undisturbed sync, renewals aside.</summary>
    public async Task<int> CountAsync()
    {
        var changes = 0;
        _bucket.OnMutation = async request => Interlocked.Add(ref changes, await _bucket.IsRenewalAsync(request) ? 0 : 1);
        await SyncAsync(ChangeSources());
        return changes;
    }

    /// <summary>Kills a sync after one of its changes.</summary>
    /// <param name="number">Which change, from 1 on.</param>
    /// <param name="isAnswered">Whether its answer is sent before.</param>
    /// <returns>The change, unless the sync had fewer, and what was served after it.</returns>
    public async Task<(CloudStorageRequest? Change, string Outcome)> CrashAsync(int number, bool isAnswered)
    {
        var before = await _bucket.ReadManifestAsync();
        var older = Models.ToDictionary(m => m, Source);
        var deployment = ChangeSources();
        var change = await KillAfterAsync(number, isAnswered);
        await using var reader = Connect().WithSetting("FollowUpdates", "true").WithSetting("Mount:ProbeInterval", "00:00:01").Start();
        await reader.WaitUntilReadyAsync();
        var served = await reader.GetModelsAsync();
        foreach (var model in served)
        {
            ModelFiles.ShouldBeEqual(model.Path, model.Version == before.Active[model.Name] ? older[model.Name] : Source(model.Name));
        }

        await SyncAsync(deployment);
        var after = await _bucket.ReadManifestAsync();
        await ShouldBeTidyAsync(after);
        await ShouldFollowAsync(reader, after);
        return (change, string.Join(", ", served.Select(m => $"{m.Name} {(m.Version == before.Active[m.Name] ? "old" : "new")}")));
    }

    public async ValueTask DisposeAsync()
    {
        await _bucket.DisposeAsync();
        _folders.Dispose();
    }

    private async Task<CloudStorageRequest?> KillAfterAsync(int number, bool isAnswered)
    {
        var started = new TaskCompletionSource<TabularProcess>();
        CloudStorageRequest? last = null;
        var changes = 0;
        async Task KillAsync()
        {
            var victim = await started.Task;
            victim.Send(Signal.Kill);
            await victim.WaitForExitAsync();
        }

        _bucket.OnMutation = async request =>
        {
            if (await _bucket.IsRenewalAsync(request) || Interlocked.Increment(ref changes) != number)
            {
                return;
            }

            last = request;
            await (isAnswered ? Task.CompletedTask : KillAsync());
        };
        _bucket.OnMutationAnswered = request => isAnswered && request.Sequence == last?.Sequence ? KillAsync() : Task.CompletedTask;
        await using var victim = Connect().WithSetting("Lease:Ttl", $"{Ttl}").Start("model-cache", "sync");
        started.SetResult(victim);
        var exitCode = await victim.WaitForExitAsync();
        _bucket.OnMutation = _bucket.OnMutationAnswered = _ => Task.CompletedTask;
        if (last is null)
        {
            exitCode.Should().Be(0, victim.Transcript);
        }

        return last;
    }

    private async Task SyncAsync(Deployment deployment)
    {
        var sync = await deployment.RunCommandAsync("sync");
        sync.ExitCode.Should().Be(0, sync.Error);
        foreach (var (model, folder) in (await _bucket.ReadManifestAsync()).Folders)
        {
            ModelFiles.ShouldBeEqual(Path.Join(_bucket.Folder, folder), Source(model));
        }
    }

    private async Task ShouldBeTidyAsync(ManifestView manifest)
    {
        var others = (await _bucket.ListAsync()).Keys.Where(n =>
            n != "manifest.json" && !n.StartsWith("signatures/", StringComparison.Ordinal) && !Models.Any(m => n == $".locks/{m}.lease"));
        others.Should().BeEquivalentTo(manifest.Files.Select(f => f.Name));
    }

    private async Task ShouldFollowAsync(TabularProcess reader, ManifestView manifest)
    {
        await Poll.ForAsync(
            async () => (await reader.GetModelsAsync()).All(m => m.Version == manifest.Active[m.Name]) ? reader : null,
            () => "the new versions" + reader.Transcript);
        foreach (var model in await reader.GetModelsAsync())
        {
            ModelFiles.ShouldBeEqual(model.Path, Source(model.Name));
        }

        reader.Log.Should().NotContain(e => e.IsNoise, reader.Transcript);
    }

    /// <summary>Where the present content of a model comes from; the content before it lies beside it.</summary>
    private string Source(string model) => _folders.Source($"{model}-{_seed % 2}");

    private Deployment ChangeSources()
    {
        _seed++;
        ModelFiles.WriteOllama(Source(Models[0]), _seed, 70_000, 300);
        ModelFiles.WriteLargeSbert(Source(Models[1]), _seed, LargeFile, 5000);
        return Connect();
    }

    private Deployment Connect() => _bucket.Connect(_folders.Copy()
        .WithModel(Models[0], "ollama", "dir://" + Source(Models[0]))
        .WithModel(Models[1], "sbert", "dir://" + Source(Models[1]))
        .WithSetting("Retention:Keep", "1")
        .WithSetting("Retention:GracePeriod", "00:00:00"));
}
