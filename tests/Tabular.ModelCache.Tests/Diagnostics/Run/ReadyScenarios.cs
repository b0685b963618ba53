using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Startup;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>What an instance meets whose gate is open.</summary>
internal static class ReadyScenarios
{
    public static async Task RunAsync(TelemetryRun run)
    {
        await FollowAndRefuseAsync(run);
        await PostponeAndFailAsync(run);
        await MeetADeadMountAndAStoreThatIsAwayAsync(run);
    }

    private static async Task FollowAndRefuseAsync(TelemetryRun run)
    {
        await using var world = new FollowingInstance { Configure = run.Attach };
        await world.PublishAsync("content");
        await world.StartAsync();
        world.Cache.ModelUpdated += (_, _) => throw new InvalidOperationException("a handler of the app");
        await world.PublishAsync("newer content");
        await world.PassAsync(() => run.Events.Any(e => e.Name == "UpdateHandlerFailed"), "an update");
        run.Observe();

        await world.DamageAsync(await world.PublishAsync("damaged content"));
        await world.PassAsync(() => run.Events.Any(e => e.Name == "UpdateRefused"), "a refusal");
        run.Observe();
    }

    private static async Task PostponeAndFailAsync(TelemetryRun run)
    {
        await using var world = new FollowingInstance(("ModelCache:Verification", "Metadata")) { Configure = run.Attach };
        await world.PublishAsync("content");
        await world.StartAsync();
        world.Mount.Failure = "The mount is dead.";
        await world.PublishAsync("newer content");
        await world.PassAsync(() => run.Events.Any(e => e.Name == "UpdatePostponed"), "a try");

        world.Requests.Inject = o => o.Kind == StoreOperationKind.List
            ? StoreFault.RunBefore(_ => throw new InvalidOperationException("a defect"))
            : StoreFault.None;
        world.Mount.Failure = null;
        await world.PassAsync(() => run.Events.Any(e => e.Name == "UpdateFailed"), "another try");
    }

    private static async Task MeetADeadMountAndAStoreThatIsAwayAsync(TelemetryRun run)
    {
        await using var world = new FollowingInstance { Configure = run.Attach };
        await world.PublishAsync("content");
        await world.StartAsync();
        world.Mount.ProbeFailure = "The mount is dead.";
        world.Requests.Inject = _ => StoreFault.FailBefore(ObjectStoreError.Unavailable);
        await world.PassAsync(() => world.Holder.Unhealthy is not null && run.Events.Any(e => e.Name == "ManifestPollFailed"), "both");
    }
}
