using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>From a change on, the bucket refuses changes, or everything, with 403.</summary>
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class PermissionLossTests
{
    [Theory]
    [InlineData(".locks/", false)]
    [InlineData("/files/", false)]
    [InlineData("/files/", true)]
    [InlineData("/.done", false)]
    [InlineData("manifest.json", false)]
    public async Task Sync_PermissionIsLost_FailsInOneLineAndTheNextOneConverges(string after, bool readingToo)
    {
        await using var run = await OutageRun.StartAsync();
        run.FailAfter(
            r => r.ObjectName!.Contains(after, StringComparison.Ordinal),
            r => readingToo || r.Method != "GET" ? CloudStorageFault.Error(403, "forbidden", "Access denied.") : null);

        var line = await run.FailSyncAsync();

        line.Should().ContainAll($"gs://{CloudBucket.Name}", "lacks storage.objects.", "gcloud storage buckets add-iam-policy-binding");
        await run.ConvergeAsync();
    }
}
