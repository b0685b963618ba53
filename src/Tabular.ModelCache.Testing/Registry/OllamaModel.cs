using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>What a tag of an Ollama registry points to: a configuration and layers, and the manifest that lists them.</summary>
/// <remarks>Immutable and thread-safe. The manifest names digests, so that the first look at it generates the content of every layer once.</remarks>
public sealed class OllamaModel
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    private const string ConfigType = "application/vnd.docker.container.image.v1+json";

    private readonly Lazy<Task<byte[]>> _manifest;

    /// <summary>Makes a model.</summary>
    /// <param name="config">The configuration, a JSON object.</param>
    /// <param name="layers">The layers, in the order of the manifest.</param>
    public OllamaModel(GeneratedFile config, params OllamaLayer[] layers)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(layers);
        Config = config;
        Layers = [.. layers];
        _manifest = new(CreateManifestAsync);
    }

    /// <summary>Gets the configuration.</summary>
    public GeneratedFile Config { get; }

    /// <summary>Gets the layers, in the order of the manifest.</summary>
    public IReadOnlyList<OllamaLayer> Layers { get; }

    /// <summary>Gets the bytes of the manifest, as the registry serves them and Ollama stores them.</summary>
    public ReadOnlyMemory<byte> Manifest => _manifest.Value.GetAwaiter().GetResult();

    /// <summary>Gets the digest of the manifest, <c>sha256:</c> and 64 lower-case hex digits.</summary>
    public string Digest => DigestOf(Manifest.Span);

    /// <summary>Gets the bytes of all layers and the configuration.</summary>
    public long Size => Files.Sum(file => file.Size);

    internal static string ContentType => ManifestType;

    internal IEnumerable<GeneratedFile> Files => Layers.Select(layer => layer.File).Append(Config);

    internal async Task<(byte[] Bytes, string Digest)> GetManifestAsync()
    {
        var bytes = await _manifest.Value.ConfigureAwait(false);
        return (bytes, DigestOf(bytes));
    }

    private static string DigestOf(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static async Task<JsonObject> DescribeAsync(string mediaType, GeneratedFile file) => new()
    {
        ["mediaType"] = mediaType,
        ["digest"] = "sha256:" + await file.Content.GetSha256Async().ConfigureAwait(false),
        ["size"] = file.Size,
    };

    private async Task<byte[]> CreateManifestAsync()
    {
        var layers = new JsonArray();
        foreach (var layer in Layers)
        {
            layers.Add((JsonNode)await DescribeAsync(layer.MediaType, layer.File).ConfigureAwait(false));
        }

        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = await DescribeAsync(ConfigType, Config).ConfigureAwait(false),
            ["layers"] = layers,
        };
        return JsonSerializer.SerializeToUtf8Bytes(manifest, RegistryJson.Options);
    }
}
