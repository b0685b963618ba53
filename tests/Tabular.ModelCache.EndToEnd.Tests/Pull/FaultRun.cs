using System.Diagnostics;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>One sync from registries that do something wrong, with a bucket of its own.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    public const string Model = "model";

    // The weights keep their least size.
    private const double Scale = 0.0001;

    private readonly Deployment _deployment = new();
    private int _hits;

    private FaultRun(CloudBucket bucket) => Bucket = bucket;

    public CloudBucket Bucket { get; }

    public CommandResult Result { get; private set; } = null!;

    public TimeSpan Elapsed { get; private set; }

    /// <summary>How many requests the fault could have hit.</summary>
    public int Hits => _hits;

    public static async Task<FaultRun> RunAsync(FaultCase fault)
    {
        var run = new FaultRun(await CloudBucket.StartAsync());
        await using var registry = await PullRegistry.StartAsync();
        registry.Serve(OllamaModels.Llama32(Scale));
        registry.Serve(HubModels.BgeM3(Scale));
        registry.Fault = request => fault.Hits(request) && Interlocked.Increment(ref run._hits) <= fault.Times ? fault.Fault : null;
        var deployment = registry.Connect(run.Bucket.Connect(run._deployment))
            .WithModel(Model, fault.Kind, fault.Kind == "ollama" ? registry.OllamaSource : PullRegistry.HubSource);
        var watch = Stopwatch.StartNew();
        run.Result = await deployment.RunCommandAsync("sync");
        run.Elapsed = watch.Elapsed;
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        _deployment.Dispose();
        await Bucket.DisposeAsync();
    }
}
