namespace Tabular.ModelCache.Testing;

/// <summary>The models of the Ollama registry: what each tag points to, and what it pointed to before.</summary>
internal sealed class OllamaCatalog
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public void Add(string name, string tag, OllamaModel model)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(name, out var entry))
            {
                _entries[name] = entry = new Entry([], new(StringComparer.Ordinal));
            }

            if (!entry.Models.Contains(model))
            {
                entry.Models.Add(model);
            }

            entry.Tags[tag] = model;
        }
    }

    public bool Has(string name)
    {
        lock (_gate)
        {
            return _entries.ContainsKey(name);
        }
    }

    public async Task<OllamaModel?> FindManifestAsync(string name, string reference)
    {
        foreach (var model in Candidates(name, reference))
        {
            if (!IsDigest(reference) || (await model.GetManifestAsync().ConfigureAwait(false)).Digest == reference)
            {
                return model;
            }
        }

        return null;
    }

    public async Task<GeneratedFile?> FindBlobAsync(string name, string digest)
    {
        foreach (var file in Candidates(name, digest).SelectMany(model => model.Files))
        {
            if ("sha256:" + await file.Content.GetSha256Async().ConfigureAwait(false) == digest)
            {
                return file;
            }
        }

        return null;
    }

    private static bool IsDigest(string reference) => reference.StartsWith("sha256:", StringComparison.Ordinal);

    private OllamaModel[] Candidates(string name, string reference)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(name, out var entry))
            {
                return [];
            }

            return IsDigest(reference) ? [.. entry.Models] : entry.Tags.TryGetValue(reference, out var model) ? [model] : [];
        }
    }

    private sealed record Entry(List<OllamaModel> Models, Dictionary<string, OllamaModel> Tags);
}
