using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Operations;

/// <summary>A bucket with one model, and the commands of an operator as processes.</summary>
internal sealed class OperatedBucket : IAsyncDisposable
{
    public const string Model = "llm";

    // Three looks at the manifest, its metadata first each, one at the lease, and one listing.
    private const int MostReads = 8;

    private readonly List<string> _versions = [];

    private OperatedBucket(CloudBucket bucket)
    {
        Bucket = bucket;
        Deployment = bucket.Connect(new Deployment().WithModel(Model, "ollama"));
    }

    public CloudBucket Bucket { get; }

    public Deployment Deployment { get; }

    /// <summary>The versions that were published, oldest first.</summary>
    public IReadOnlyList<string> Versions => _versions;

    public static async Task<OperatedBucket> StartAsync() => new(await CloudBucket.StartAsync());

    /// <summary>The same deployment with variables of its own.</summary>
    public Deployment Copy() => Bucket.Connect(Deployment.Copy());

    /// <summary>Changes the source and syncs, so often.</summary>
    public async Task PublishAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Change(_versions.Count + 1);
            var result = await RunAsync(0, "sync", "--json");
            var model = result.Json.GetProperty("models")[0];
            model.GetProperty("action").GetString().Should().Be("published");
            _versions.Add(model.GetProperty("version").GetString()!);
        }
    }

    /// <summary>Gives the source another content.</summary>
    public void Change(int seed) => ModelFiles.WriteOllama(Deployment.Source(Model), seed, 20_000, 300);

    /// <summary>Runs a command, which must end with this code.</summary>
    public async Task<CommandResult> RunAsync(int exitCode, params string[] arguments)
    {
        var result = await Deployment.RunCommandAsync(arguments);
        result.ExitCode.Should().Be(exitCode, "{0}: {1}{2}", string.Join(' ', arguments), result.Output, result.Error);
        return result;
    }

    /// <summary>Runs a command that must do exactly one change besides those of the lease: a write of the manifest.</summary>
    public async Task<JsonElement> RunFlipAsync(params string[] arguments)
    {
        var seen = Bucket.Requests.Count;
        var result = await RunAsync(0, [.. arguments, "--json"]);
        var requests = Bucket.Requests.Skip(seen).ToList();
        var reads = requests.Where(r => !r.Mutated).ToList();
        reads.Count.Should().BeLessThanOrEqualTo(MostReads, string.Join('\n', reads));
        var changes = requests.Where(r => r.Mutated && !r.Request.ObjectName!.StartsWith(".locks/", StringComparison.Ordinal)).ToList();
        changes.Should().ContainSingle(string.Join('\n', changes)).Which.Request.ObjectName.Should().Be("manifest.json");
        return result.Json;
    }

    /// <summary>Starts an instance, which must hit, and tells what it serves.</summary>
    public async Task<ServedModel> StartAndStopAsync(Deployment? deployment = null)
    {
        await using var app = (deployment ?? Deployment).Start();
        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
        return (await app.GetModelsAsync()).Single();
    }

    public async ValueTask DisposeAsync()
    {
        Deployment.Dispose();
        await Bucket.DisposeAsync();
    }
}
