using System.Diagnostics;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>One bucket and its mount, on which repetitions run one after another: each publishes a version and starts an instance.</summary>
internal sealed class LagLane : IAsyncDisposable
{
    private const string Model = "llm";
    private const string Manifest = "manifest.json";

    private readonly Deployment _deployment = new Deployment().WithModel(Model, "ollama");
    private readonly LagServer _server;
    private readonly RcloneMount _mount;
    private readonly string _bucket;
    private int _changes;

    private LagLane(LagServer server, RcloneMount mount, string bucket)
    {
        _server = server;
        _mount = mount;
        _bucket = bucket;
        _deployment
            .With("STORAGE_EMULATOR_HOST", $"{server.Endpoint}")
            .With("SHARED_MODEL_VOLUME_ENABLED", "true")
            .With("MODEL_CACHE_PATH", mount.Path)
            .WithSetting("Bucket", bucket)
            .WithSetting("Mount:AcceptedTypes:0", RcloneMount.Type)
            .WithSetting("Lease:Ttl", "00:05:00");
    }

    public static async Task<LagLane> StartAsync(LagServer server, int number)
    {
        var bucket = $"lane-{number}";
        var mount = await RcloneMount.StartAsync(server.Endpoint, bucket, new RcloneOptions { DirectoryCacheTime = LagPlan.Lag });
        var lane = new LagLane(server, mount, bucket);
        try
        {
            await lane.PublishAsync(seed: -1 - number, (_, _) => Task.CompletedTask);
            return lane;
        }
        catch
        {
            await lane.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes a version while an instance starts.</summary>
    /// <returns>What happened; <see langword="null"/> when the mount did not provably show the past at the flip.</returns>
    public async Task<LagResult?> RunAsync(int seed, LagPlan plan, TimeSpan lagTimeout)
    {
        var flipped = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (rootListed, foldersListed) = (false, false);
        var running = RunInstanceAsync(plan, lagTimeout, flipped.Task, started.Task);
        try
        {
            await PublishAsync(seed, async (part, isFlip) =>
            {
                if (!rootListed && (part >= plan.RootAt || isFlip))
                {
                    rootListed = true;
                    await MountView.ListAsync(_mount.Path);
                    await Task.Delay(plan.RootLead, TestContext.Current.CancellationToken);
                }

                if (!foldersListed && (part >= plan.FoldersAt || isFlip))
                {
                    foldersListed = true;
                    await MountView.ListAllAsync(Path.Join(_mount.Path, "ollama"));
                }

                if (part >= plan.StartAt)
                {
                    started.TrySetResult();
                }

                if (isFlip)
                {
                    // `.done` is the last file of a version: without it the mount shows a past in which it is not complete.
                    flipped.SetResult(!await MountView.ShowsAsync(Path.Join(_mount.Path, (await ReadManifestAsync()).Folders[Model], ".done")));
                }
            });
        }
        finally
        {
            // Whatever has become of the publisher, the instance comes to its end.
            flipped.TrySetResult(false);
        }

        var (served, startedBeforeTheFlip, took, failure) = await running;
        var manifest = await ReadManifestAsync();
        var wrong = served is null ? 0 : await CountWrongFilesAsync(manifest, served);
        var isNew = served?.Path == Path.Join(_mount.Path, manifest.Folders[Model]);
        return await flipped.Task
            ? new LagResult(seed, plan, isNew, served?.Outcome, startedBeforeTheFlip, took, wrong, failure)
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _mount.DisposeAsync();
        _deployment.Dispose();
    }

    private async Task<(CachedModel? Served, bool StartedBeforeTheFlip, TimeSpan Took, string? Failure)> RunInstanceAsync(
        LagPlan plan, TimeSpan lagTimeout, Task flipped, Task started)
    {
        await Task.WhenAny(started, flipped);
        if (plan.StartAt > 1)
        {
            await flipped;
            await Task.Delay(plan.Delay, TestContext.Current.CancellationToken);
        }

        var startedBeforeTheFlip = !flipped.IsCompleted;
        var watch = Stopwatch.StartNew();
        await using var instance = new LagInstance(_server.Store(_bucket), _bucket, _mount.Path, Model, lagTimeout, plan.FallsBack);
        try
        {
            return (await instance.StartAsync(), startedBeforeTheFlip, watch.Elapsed, null);
        }
        catch (ModelCacheException e)
        {
            return (null, startedBeforeTheFlip, watch.Elapsed, e.Message);
        }
    }

    /// <summary>Publishes new content by another process.</summary>
    /// <param name="seed">What the content is made of.</param>
    /// <param name="onChange">Is told, before the publisher knows, how large a part of the changes before `.done` is done, and whether it was the flip.</param>
    private async Task PublishAsync(int seed, Func<double, bool, Task> onChange)
    {
        ModelFiles.WriteOllama(_deployment.Source(Model), seed, 70_000, 3000, 300);
        var (usual, changes) = (_changes, 0);
        _server.Listen(_bucket, async request =>
        {
            if (request.ObjectName!.EndsWith("/.done", StringComparison.Ordinal))
            {
                _changes = changes;
            }

            var isFlip = request.ObjectName == Manifest;
            await onChange(Math.Min(1, (double)Interlocked.Increment(ref changes) / Math.Max(1, usual)), isFlip);
        });
        var result = await _deployment.RunCommandAsync("sync");
        result.ExitCode.Should().Be(0, result.Error);
        _server.Listen(_bucket, _ => Task.CompletedTask);
    }

    private async Task<int> CountWrongFilesAsync(ManifestView manifest, CachedModel served)
    {
        var prefix = Path.GetRelativePath(_mount.Path, served.Path) + "/";
        var files = manifest.Files.Where(f => f.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        files.Should().NotBeEmpty("what is served was published");
        var wrong = 0;
        foreach (var file in files)
        {
            wrong += await MountView.Sha256Async(Path.Join(_mount.Path, file.Name)) == file.Sha256 ? 0 : 1;
        }

        return wrong;
    }

    private async Task<ManifestView> ReadManifestAsync()
    {
        await using var content = await _server.Store(_bucket).OpenReadAsync(Manifest, cancellationToken: TestContext.Current.CancellationToken);
        return await ManifestView.ReadAsync(content!.Stream);
    }
}
