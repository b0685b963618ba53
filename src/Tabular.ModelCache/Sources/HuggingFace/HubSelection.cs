namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>
/// Which files of a repository a sentence-transformers model needs on a CPU: settings, vocabularies and one set of weights per module.
/// The default choice is about half of a usual repository, which also holds other weights of the same model, ONNX and OpenVINO.
/// </summary>
/// <param name="repository">The repository, for messages.</param>
/// <param name="files">All its files.</param>
/// <param name="patterns">The configured choice. What it ignores is not there for the default choice either, which then takes other weights.</param>
/// <param name="settings">The path of the model's settings, for messages.</param>
internal sealed class HubSelection(string repository, IReadOnlyList<HubEntry> files, HubPatterns patterns, string settings)
{
    private static readonly string[] SmallExtensions = [".json", ".txt", ".model", ".jinja", ".codes"];

    private string AllowKey => $"{settings}:AllowPatterns";

    private string IgnoreKey => $"{settings}:IgnorePatterns";

    /// <summary>Finds the file that says what the model consists of.</summary>
    /// <exception cref="ModelCacheException">There is none.</exception>
    public HubEntry FindModulesFile() => files.FirstOrDefault(f => f.Path == HubModule.FileName) ?? throw New(
        $"is not a sentence-transformers repository: it has no {HubModule.FileName}, without which readers silently use mean pooling; " +
        $"take a repository that has one ({AllowKey} cannot replace it)");

    /// <exception cref="ModelCacheException">What is chosen would not be read as the model that it is.</exception>
    public IReadOnlyList<HubEntry> Choose(IReadOnlyList<HubModule> modules)
    {
        List<HubEntry> left = [.. files.Where(f => patterns.Allows(f.Path) && !patterns.Ignores(f.Path))];
        List<HubEntry> chosen = patterns.ReplacesDefault ? left : [.. ChooseDefault(left, modules)];
        var paths = chosen.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        CheckChosen(paths, HubModule.FileName);
        foreach (var module in modules.Where(m => m.IsPooling))
        {
            var config = module.Join("config.json");
            if (files.All(f => f.Path != config))
            {
                throw New($"has a module of the type '{module.Type}' without '{config}', so that readers silently use mean pooling; take another repository");
            }

            CheckChosen(paths, config);
        }

        return chosen;
    }

    private void CheckChosen(HashSet<string> chosen, string path)
    {
        if (!chosen.Contains(path))
        {
            throw New(
                $"has the file '{path}', but the patterns leave it out, so that readers would silently use mean pooling; " +
                (patterns.Ignores(path) ? $"take it out of {IgnoreKey}" : $"add it to {AllowKey}"));
        }
    }

    private IEnumerable<HubEntry> ChooseDefault(List<HubEntry> left, IReadOnlyList<HubModule> modules)
    {
        if (modules.FirstOrDefault(m => files.Any(f => f.Path == m.CodeFile)) is { } custom)
        {
            throw New(
                $"has a module of the type '{custom.Type}', which is Python code in its '{custom.CodeFile}'; code is not taken by default: " +
                $"list the files that are wanted in {AllowKey}");
        }

        var folders = left.GroupBy(f => f.Folder, StringComparer.Ordinal).Where(g => IsWanted(g.Key, modules)).ToList();
        var weights = folders
            .Where(g => g.Key.Length > 0 || modules.Any(m => m.Folder.Length == 0))
            .SelectMany(HubWeights.Find)
            .ToHashSet();
        CheckWeights(modules, weights);
        return folders.SelectMany(g => g).Where(f => weights.Contains(f) || IsSmall(f));
    }

    private void CheckWeights(IReadOnlyList<HubModule> modules, HashSet<HubEntry> weights)
    {
        const string Expected = "model.safetensors or pytorch_model.bin, or all shards of one of them with their index";
        if (weights.Count == 0)
        {
            throw New($"has no weights where {HubModule.FileName} wants them; expected is {Expected}. Other files can be listed in {AllowKey}");
        }

        var folders = weights.Select(w => w.Folder).ToHashSet(StringComparer.Ordinal);
        if (modules.FirstOrDefault(m => m.NeedsWeights && !folders.Contains(m.Folder)) is { } without)
        {
            throw New(
                $"has no weights for its module '{without.Type}' in the folder '/{without.Folder}'; expected is {Expected}. " +
                $"Other files can be listed in {AllowKey}");
        }
    }

    /// <summary>The root, the folders of the modules, and what lies below these, except models for other engines.</summary>
    private static bool IsWanted(string folder, IReadOnlyList<HubModule> modules) =>
        folder.Length == 0 ||
        (!folder.Split('/').Any(p => p is "onnx" or "openvino") &&
            modules.Any(m => m.Folder.Length > 0 && (folder == m.Folder || folder.StartsWith(m.Folder + "/", StringComparison.Ordinal))));

    /// <summary>Settings, vocabularies and templates; an index is taken with its weights only.</summary>
    private static bool IsSmall(HubEntry file)
    {
        var name = file.Name;
        if (name.StartsWith('.') || (name.Contains(".index.", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)))
        {
            return false;
        }

        return SmallExtensions.Any(e => name.EndsWith(e, StringComparison.Ordinal)) ||
            (file.Folder.Length == 0 && (name == "README.md" || name.StartsWith("LICENSE", StringComparison.Ordinal)));
    }

    private ModelCacheException New(string problem) => new($"The Hugging Face repository '{repository}' {problem}.");
}
