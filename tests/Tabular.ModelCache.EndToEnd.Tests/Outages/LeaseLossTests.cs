using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>Another process takes the lease of a sync over, half way.</summary>
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class LeaseLossTests
{
    private const string Lease = $".locks/{OutageRun.Model}.lease";

    [Fact]
    public async Task Sync_LeaseObjectIsAnothers_FailsInOneLineAndTheNextOneConverges()
    {
        await using var run = await OutageRun.StartAsync();
        var isTaken = 0;
        run.Bucket.OnMutation = async request =>
        {
            if (IsUpload(request) && Interlocked.Exchange(ref isTaken, 1) == 0)
            {
                await TakeAsync(run);
            }
        };

        // The answer of an upload is held back until the holder has learned of it.
        run.Bucket.Fault = request => IsUpload(request) && isTaken == 1 ? CloudStorageFault.Delay(TimeSpan.FromSeconds(6)) : null;
        var line = await run.FailSyncAsync();

        line.Should().ContainAll("The lease of the model 'llm' was lost", "Nothing was damaged");
        await run.ConvergeAsync();
    }

    [Fact]
    public async Task Sync_HolderIsStoppedForLongerThanTheLease_FailsInOneLineAndUndoesNothing()
    {
        await using var run = await OutageRun.StartAsync();
        var started = new TaskCompletionSource<TabularProcess>();
        var stopped = new TaskCompletionSource();
        run.Bucket.OnMutation = async request =>
        {
            if (IsUpload(request) && !stopped.Task.IsCompleted)
            {
                (await started.Task).Pause();
                stopped.TrySetResult();
            }
        };
        await using var holder = run.Deployment.Start("model-cache", "sync");
        started.SetResult(holder);
        await stopped.Task.WaitAsync(Poll.Deadline, TestContext.Current.CancellationToken);

        await run.ConvergeAsync();
        var after = await run.Bucket.ReadManifestAsync();
        holder.Send(Signal.Continue);
        var exitCode = await holder.WaitForExitAsync();

        var line = await run.ShouldHaveFailedAsync(new CommandResult(exitCode, string.Join('\n', holder.Output), string.Join('\n', holder.Error)));
        line.Should().Contain("The lease of the model 'llm' was lost");
        (await run.Bucket.ReadManifestAsync()).Should().BeEquivalentTo(after);
    }

    private static bool IsUpload(CloudStorageRequest request) => request.ObjectName?.Contains("/files/", StringComparison.Ordinal) == true;

    /// <summary>Overwrites the lease in the version that is there, as one who has waited for its end does.</summary>
    private static async Task TakeAsync(OutageRun run)
    {
        var held = (await run.Bucket.ListAsync(Lease)).Values.Single();
        await run.Bucket.Store.WriteAsync(
            Lease,
            new MemoryStream(),
            new ObjectWriteOptions
            {
                Preconditions = new ObjectPreconditions { IfGenerationMatch = held.Generation },
                Metadata = new Dictionary<string, string>(held.Metadata)
                {
                    ["owner"] = "another",
                    ["epoch"] = "1000",
                    ["renewId"] = "another",
                    ["ttlMs"] = "4000",
                    ["host"] = "another",
                },
            },
            TestContext.Current.CancellationToken);
    }
}
