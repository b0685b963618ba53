using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Sources.HuggingFace;
using Tabular.ModelCache.Sources.Ollama;
using Commits = Tabular.ModelCache.Sources.HuggingFace.HubCommit;

namespace Tabular.ModelCache.Testing;

/// <summary>What every source would give: for each model a small content in the layout of its kind, which can move on.</summary>
internal sealed class FakeUpstream
{
    // GGUF weights have 64 KiB at least, whatever the scale.
    private const double SmallestScale = 1e-9;

    private readonly ConcurrentDictionary<string, int> _revisions = new(StringComparer.Ordinal);

    /// <summary>Has another content of the model from now on.</summary>
    public void MoveOn(string model) => _revisions.AddOrUpdate(model, 2, (_, revision) => revision + 1);

    public ModelResolution Resolve(ModelSourceRequest request)
    {
        var revision = _revisions.GetValueOrDefault(request.Model, 1);
        var (digest, files) = request.Kind switch
        {
            ModelKinds.Ollama => Ollama(request, revision),
            ModelKinds.Sbert => Sbert(request, revision),
            _ => Plain(request, revision),
        };

        // A pin names bytes that nobody has here; what stands for them has its digest.
        return new ModelResolution { Digest = request.Digest ?? digest, Files = files };
    }

    private static (string Digest, IReadOnlyList<SourceFile> Files) Ollama(ModelSourceRequest request, int revision)
    {
        var model = OllamaModels.Llama32(SmallestScale, revision);
        var manifest = model.Manifest.ToArray();
        var path = ModelSourceUri.SchemeOf(request.Uri) == "ollama"
            ? OllamaReference.Parse(request.Uri).ManifestPath
            : $"manifests/{OllamaReference.DefaultHost}/library/{request.Model}/latest";
        return (model.Digest, [.. model.Files.Select(f => Create($"blobs/sha256-{f.Sha256}", f)), HubFile.Create(path, manifest)]);
    }

    private static (string Digest, IReadOnlyList<SourceFile> Files) Sbert(ModelSourceRequest request, int revision)
    {
        var reference = ModelSourceUri.SchemeOf(request.Uri) == "hf" && HubReference.TryParse(ModelSourceUri.RestOf(request.Uri), out var named, out _)
            ? named
            : new HubReference($"fake/{request.Model}", HubReference.MainRevision);
        var pin = request.Digest is null ? null : Commits.Normalize(DigestText.WithoutChoice(request.Digest).Trim());
        var commit = pin ?? (reference.IsCommit && revision == 1 ? reference.Revision : Commit($"{reference.Id} {revision}"));
        return (
            commit,
            [
                .. HubModels.Tiny(revision).Select(f => Create($"{reference.Folder}/snapshots/{commit}/{f.Path}", f)),
                .. HuggingFaceSource.RefsOf(reference, commit),
            ]);
    }

    private static (string Digest, IReadOnlyList<SourceFile> Files) Plain(ModelSourceRequest request, int revision)
    {
        var content = Encoding.UTF8.GetBytes($"{request.Model} {revision}\n");
        return ($"sha256:{Sha256Hex.Of(content)}", [HubFile.Create("model.bin", content)]);
    }

    private static HubFile Create(string path, GeneratedFile file)
    {
        var bytes = new byte[file.Size];
        file.Read(0, bytes);
        return HubFile.Create(path, bytes);
    }

    private static string Commit(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Commits.Length];
}
