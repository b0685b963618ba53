using System.Text.Json;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>A checked manifest: its bytes as they came, and the blobs that it needs, each once, the config last.</summary>
internal sealed class OllamaManifest
{
    /// <summary>The media type to ask for; a stock registry answers a GET without it with another form.</summary>
    public const string MediaType = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>A model in safetensors has a layer of some 200 bytes for each tensor.</summary>
    public const int MaxBytes = 8 << 20;

    // A layer has 8, with annotations some more; they keep what parsing allocates below 64 MiB.
    private const int MostTokens = 500_000;

    private const string DigestPrefix = "sha256:";

    private OllamaManifest(byte[] bytes, IReadOnlyList<OllamaBlob> blobs)
    {
        Bytes = bytes;
        Blobs = blobs;
        Sha256 = Sha256Hex.Of(bytes);
    }

    public byte[] Bytes { get; }

    /// <summary>Gets the SHA-256 of <see cref="Bytes"/>, which is the identity of the model: 64 hex digits.</summary>
    public string Sha256 { get; }

    public string Digest => DigestPrefix + Sha256;

    public IReadOnlyList<OllamaBlob> Blobs { get; }

    /// <param name="bytes">The manifest as it was served.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="ModelCacheException">The bytes are no manifest of a model.</exception>
    public static OllamaManifest Parse(byte[] bytes, string name)
    {
        if (!JsonTokens.AreAtMost(MostTokens, bytes, OllamaJsonContext.MostDepth))
        {
            throw Invalid(name, $"it has more than {MostTokens} values, more than that of any model");
        }

        OllamaManifestDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(bytes, OllamaJsonContext.Default.OllamaManifestDocument);
        }
        catch (JsonException e)
        {
            throw Invalid(name, $"it is not valid JSON of the expected form ({SourceErrors.Printable(e.Message.Split(". Path")[0].TrimEnd('.'))})", e);
        }

        if (document is null)
        {
            throw Invalid(name, "it is empty");
        }

        if (document.Manifests is not null || document.MediaType?.Contains("index", StringComparison.OrdinalIgnoreCase) == true ||
            document.MediaType?.Contains("manifest.list", StringComparison.OrdinalIgnoreCase) == true)
        {
            throw Invalid(name, "it is an index of several manifests, as container images have, and not the manifest of one model; name the model's own tag");
        }

        if (document is not { SchemaVersion: 2, Config: { } config, Layers: { Count: > 0 } layers })
        {
            throw Invalid(name, "schemaVersion 2, a config and at least one layer are expected");
        }

        return new OllamaManifest(bytes, FindBlobs(name, [.. layers, config]));
    }

    private static List<OllamaBlob> FindBlobs(string name, IReadOnlyList<OllamaLayer> layers)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var blobs = new List<OllamaBlob>();
        foreach (var layer in layers)
        {
            // What is written null stays null here, whatever the annotations say of required members.
            var digest = layer?.Digest ?? "";
            if (!digest.StartsWith(DigestPrefix, StringComparison.Ordinal) || !Sha256Hex.IsValid(digest[DigestPrefix.Length..]))
            {
                throw Invalid(name, $"the digest '{SourceErrors.Printable(digest)}' is not sha256: with 64 lower-case hex digits");
            }

            if (layer!.Size < 0)
            {
                throw Invalid(name, $"the layer {digest} has the size {layer.Size}");
            }

            if (sizes.TryAdd(digest, layer.Size))
            {
                blobs.Add(new OllamaBlob(digest[DigestPrefix.Length..], layer.Size));
            }
            else if (sizes[digest] != layer.Size)
            {
                throw Invalid(name, $"the layer {digest} has the size {sizes[digest]} and the size {layer.Size}");
            }
        }

        return blobs;
    }

    private static ModelCacheException Invalid(string name, string why, Exception? cause = null) =>
        new($"The manifest of {name} cannot be used: {why}.", cause);
}
