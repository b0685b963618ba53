using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>Both registries on a server in this process, with one model of each kind and a log of what was sent.</summary>
internal sealed class PullRegistry : IAsyncDisposable
{
    public const string OllamaName = "library/llama3.2";
    public const string OllamaTag = "1b";
    public const string HubName = "BAAI/bge-m3";
    public const string HubSource = "hf://" + HubName;

    private ModelRegistryServer _server = null!;
    private long _received;

    private PullRegistry()
    {
    }

    /// <summary>What is asked for a fault before each request.</summary>
    public Func<ModelRegistryRequest, ModelRegistryFault?> Fault { get; set; } = _ => null;

    /// <summary>Runs with each entry of the log, before the last bytes of its answer are sent.</summary>
    public Action<ModelRegistryRequestRecord> OnRequest { get; set; } = _ => { };

    /// <summary>Host and port, which name a folder of Ollama's store.</summary>
    public string Authority => _server.Endpoint.Authority;

    public string OllamaSource => $"ollama://{Authority}/{OllamaName}:{OllamaTag}";

    public IReadOnlyList<ModelRegistryRequestRecord> Requests => _server.GetRequests();

    /// <summary>How many requests have come, the unanswered ones too: the number of the latest.</summary>
    public long Received => Interlocked.Read(ref _received);

    public static async Task<PullRegistry> StartAsync()
    {
        var registry = new PullRegistry();
        registry._server = await ModelRegistryServer.StartAsync(
            new ModelRegistryServerOptions
            {
                // As in reality: where the models are listed is not where their bytes are.
                Delivery = ContentDelivery.RedirectToSecondPort,
                Fault = request =>
                {
                    Interlocked.Increment(ref registry._received);
                    return registry.Fault(request);
                },
                OnRequest = record => registry.OnRequest(record),
            },
            TestContext.Current.CancellationToken);
        return registry;
    }

    public Deployment Connect(Deployment deployment) => deployment.With("HF_ENDPOINT", $"{_server.Endpoint}");

    /// <summary>Moves the tag. The digests of the manifest are made before a client waits for them.</summary>
    public OllamaModel Serve(OllamaModel model, string name = OllamaName)
    {
        _server.AddOllamaModel(name, OllamaTag, model);
        model.Digest.Should().NotBeEmpty();
        return model;
    }

    /// <summary>Makes the repository. The digests of its list are made before a client waits for them.</summary>
    /// <returns>The commit.</returns>
    public string Serve(IReadOnlyList<GeneratedFile> files) => _server.AddHubRepository(HubName, Prepare(files));

    /// <summary>Moves the branch.</summary>
    /// <returns>The commit.</returns>
    public string ServeNext(IReadOnlyList<GeneratedFile> files) => _server.AddHubCommit(HubName, Prepare(files));

    /// <summary>The log so far, which begins anew.</summary>
    public IReadOnlyList<ModelRegistryRequestRecord> TakeRequests() => _server.GetRequests(clear: true);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static IReadOnlyList<GeneratedFile> Prepare(IReadOnlyList<GeneratedFile> files)
    {
        Parallel.ForEach(files, f => (f.IsLfs ? f.Sha256 : f.GitBlobSha1).Should().NotBeEmpty());
        return files;
    }
}
