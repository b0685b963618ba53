using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>What a registry does wrong, and what a sync has to say about it.</summary>
/// <param name="Kind">The kind of the model that is pulled.</param>
/// <param name="Operation">The operation that goes wrong.</param>
/// <param name="File">The file that goes wrong; <see langword="null"/> for an operation without one.</param>
/// <param name="Fault">What goes wrong.</param>
/// <param name="Messages">What the error line has; empty when the sync succeeds in spite of it.</param>
internal sealed record FaultCase(string Kind, string Operation, string? File, ModelRegistryFault Fault, params string[] Messages)
{
    private const string Gguf = "model";
    private const string Weights = "pytorch_model.bin";
    private const string Manifest = "ollama.manifest";
    private const string Tree = "hub.tree";
    private const string Revision = "hub.model";
    private const string Content = "cdn";
    private const string Resolve = "hub.resolve";
    private const string BigManifest = "1000000000";
    private const int BodyBeyondLimit = 9 << 20;

    public static IReadOnlyDictionary<string, FaultCase> All { get; } = new Dictionary<string, FaultCase>
    {
        ["wrong byte of an Ollama blob"] = Ollama(Content, Gguf, ModelRegistryFault.Corrupt(5000), "blobs/sha256-", "expected"),
        ["wrong byte of an LFS file"] = Hub(Content, Weights, ModelRegistryFault.Corrupt(5000), Weights, "expected"),
        ["wrong byte of a Git file"] = Hub(Resolve, "tokenizer_config.json", ModelRegistryFault.Corrupt(100), "tokenizer_config.json", "expected"),
        ["short body"] = Ollama(Content, Gguf, ModelRegistryFault.ShortBody(1000, declared: false), "blobs/sha256-", "broke off") with { Tries = 5 },
        ["wrong Content-Length"] = Hub(Content, Weights, ModelRegistryFault.ShortBody(1000, declared: true), Weights, "1000 bytes", "promised"),
        ["401"] = Ollama(Manifest, null, ModelRegistryFault.Error(401), "401 Unauthorized", "sign-in"),
        ["403"] = Hub(Revision, null, ModelRegistryFault.Error(403), "403 Forbidden", "HF_TOKEN"),
        ["404"] = Ollama(Manifest, null, ModelRegistryFault.Error(404), "404 Not Found", "no such model or tag"),
        ["429 once"] = Hub(Tree, null, ModelRegistryFault.Error(429, TimeSpan.FromSeconds(1))) with { Times = 1 },
        ["503 twice"] = Ollama(Content, Gguf, ModelRegistryFault.Error(503)) with { Times = 2 },
        ["503 for ever"] = Ollama(Manifest, null, ModelRegistryFault.Error(503), "503", "try again later") with { Tries = 5 },
        ["redirect to a foreign host"] = Hub(Resolve, Weights, ModelRegistryFault.Redirect("https://files.example.org/weights"), "'files.example.org'", "AllowedHosts"),
        ["page instead of a manifest"] = Ollama(Manifest, null, ModelRegistryFault.HtmlPage(), "HTML page"),
        ["page instead of a file"] = Hub(Content, Weights, ModelRegistryFault.HtmlPage(), Weights, "HTML page"),
        ["manifest of 1 GB"] = Ollama(Manifest, null, Answer("{}", ("Content-Length", BigManifest)), BigManifest, "8388608"),
        ["manifest of unknown length"] = Ollama(Manifest, null, Answer(new string(' ', BodyBeyondLimit), ("Content-Length", null!)), "answered with more", "8388608"),
        ["path out of the folder"] = Hub(
            Tree, null, Answer("""[{"type":"file","path":"../../manifest.json","size":2,"oid":"0123456789abcdef0123456789abcdef01234567"}]"""),
            "../../manifest.json"),
    };

    /// <summary>How often it goes wrong.</summary>
    public int Times { get; init; } = int.MaxValue;

    /// <summary>How often a sync that gives up has asked.</summary>
    public int Tries { get; init; } = 1;

    public bool Hits(ModelRegistryRequest request) => request.Operation == Operation && (File is null || request.File == File);

    private static FaultCase Ollama(string operation, string? file, ModelRegistryFault fault, params string[] messages) =>
        new("ollama", operation, file, fault, messages);

    private static FaultCase Hub(string operation, string? file, ModelRegistryFault fault, params string[] messages) =>
        new("sbert", operation, file, fault, messages);

    private static ModelRegistryFault Answer(string body, params (string Name, string Value)[] headers) => new()
    {
        Status = 200,
        Body = body,
        ContentType = "application/json",
        Headers = headers.ToDictionary(h => h.Name, h => h.Value),
    };
}
