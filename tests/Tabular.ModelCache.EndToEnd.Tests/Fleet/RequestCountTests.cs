using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>What a start costs: the requests that an instance makes to its bucket until it is ready.</summary>
public sealed class RequestCountTests : IDisposable
{
    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama").WithModel("embedder", "sbert")
        .WithSetting("Mount:ProbeInterval", "01:00:00").WithSetting("Lease:Ttl", "00:05:00");

    public RequestCountTests()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 1 << 20, 3000);
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 2, 1 << 20);
    }

    [Fact]
    public async Task Start_HitOfTwoModels_MakesFewRequestsAndChangesNothing()
    {
        await using var bucket = await CloudBucket.StartAsync();
        var deployment = bucket.Connect(_deployment);
        var miss = await CountAsync(bucket, deployment, "cache_hit=false");
        var before = await bucket.ListAsync();

        var hit = await CountAsync(bucket, deployment, "cache_hit=true");

        Report("hit", hit);
        Report("miss", miss);
        hit.Should().HaveCountLessThanOrEqualTo(4).And.NotContain(r => r.Mutated);

        // The manifest, its metadata first, and one listing for each model.
        hit.Select(r => r.Request.Operation).Should().BeEquivalentTo("storage.objects.get", "storage.objects.get.media", "storage.objects.list", "storage.objects.list");
        (await bucket.ListAsync()).Should().BeEquivalentTo(before);

        miss.Count(r => r.Mutated).Should().BeLessThanOrEqualTo(40);
    }

    public void Dispose() => _deployment.Dispose();

    private static async Task<List<CloudStorageRequestRecord>> CountAsync(CloudBucket bucket, Deployment deployment, string outcome)
    {
        var seen = bucket.Requests.Count;
        await using var app = deployment.Start();
        await app.WaitForOutputAsync($"The gate is open: {outcome}");
        return [.. bucket.Requests.Skip(seen)];
    }

    private static void Report(string what, List<CloudStorageRequestRecord> requests)
    {
        var operations = requests.GroupBy(r => $"{r.Request.Operation} {r.Status}{(r.Mutated ? " changed" : "")}").Select(g => $"{g.Count()} {g.Key}").Order(StringComparer.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {requests.Count} requests, {requests.Count(r => r.Mutated)} changes: {string.Join(", ", operations)}");
    }
}
