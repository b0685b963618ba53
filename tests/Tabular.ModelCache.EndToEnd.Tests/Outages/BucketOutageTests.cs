using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>The bucket does not answer any more, from the first request of a sync or from one of its changes on.</summary>
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class BucketOutageTests
{
    public static TheoryData<string, CloudStorageFault> Outages => new()
    {
        { "", CloudStorageFault.ResetBefore() },
        { ".locks/", CloudStorageFault.ResetBefore() },
        { "/files/", CloudStorageFault.Error(503) },
        { "/.done", CloudStorageFault.Error(503) },
    };

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task Sync_BucketIsDown_FailsInOneLineAndTheNextOneConverges(string after, CloudStorageFault fault)
    {
        await using var run = await OutageRun.StartAsync();
        if (after.Length == 0)
        {
            run.Bucket.Fault = _ => fault;
        }
        else
        {
            run.FailAfter(r => r.ObjectName!.Contains(after, StringComparison.Ordinal), _ => fault);
        }

        var line = await run.FailSyncAsync();

        line.Should().Contain($"gs://{CloudBucket.Name}", "also when the lease is lost for it");
        await run.ConvergeAsync();
    }
}
