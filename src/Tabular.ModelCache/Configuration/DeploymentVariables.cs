using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Configuration;

/// <summary>
/// Fills what the section leaves open: defaults that depend on other settings, and what comes from the plain variables of the deployment: <c>MODEL_CACHE_PATH</c>,
/// <c>SHARED_MODEL_VOLUME_ENABLED</c>, <c>OLLAMA_MODELS</c>, <c>SENTENCE_TRANSFORMERS_HOME</c>, <c>HUGGINGFACE_HUB_CACHE</c>, <c>HF_ENDPOINT</c> and <c>HF_TOKEN</c>.
/// </summary>
internal sealed class DeploymentVariables(SettingPath path, PathBase paths, IConfiguration? configuration = null)
    : IPostConfigureOptions<ModelCacheOptions>
{
    public const string MountPath = "MODEL_CACHE_PATH";
    public const string SharedVolume = "SHARED_MODEL_VOLUME_ENABLED";
    public const string SyncMode = "MODEL_SYNC_MODE";

    private static readonly TimeSpan SharedTtl = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PrivateTtl = TimeSpan.FromSeconds(10);

    private static readonly (string Variable, string Kind)[] ReaderVariables =
    [
        ("OLLAMA_MODELS", ModelKinds.Ollama),
        ("SENTENCE_TRANSFORMERS_HOME", ModelKinds.Sbert),
        ("HUGGINGFACE_HUB_CACHE", ModelKinds.Sbert),
    ];

    public void PostConfigure(string? name, ModelCacheOptions options)
    {
        options.MountPath ??= Read(MountPath) ?? "/models";
        if (options.MountPath.Length > 0)
        {
            options.MountPath = paths.Resolve(options.MountPath);
        }

        if (options.SharedVolumeEnabled is null)
        {
            options.SharedVolumeEnabled = TryParseSwitch(Read(SharedVolume), out var shared)
                ? shared
                : Report(options, $"{SharedVolume} is '{Read(SharedVolume)}'; allowed are true, false, 1 and 0.");
        }

        foreach (var model in options.Models)
        {
            model.Kind ??= ModelSourceUri.SchemeOf(model.Source) switch
            {
                "ollama" => ModelKinds.Ollama,
                "hf" => ModelKinds.Sbert,
                _ => null,
            };
        }

        var hasBucket = options.SharedVolumeEnabled == true && !string.IsNullOrEmpty(options.Bucket);
        options.Verification ??= hasBucket ? VerificationLevel.Metadata : VerificationLevel.Marker;
        options.Lease.Ttl ??= options.SharedVolumeEnabled == true ? SharedTtl : PrivateTtl;
        options.Sources.HuggingFaceEndpoint ??= Read("HF_ENDPOINT") ?? "https://huggingface.co";
        options.Sources.HuggingFaceToken ??= Read("HF_TOKEN") ?? Read("HUGGING_FACE_HUB_TOKEN");
        foreach (var (variable, kind) in ReaderVariables)
        {
            if (Read(variable) is { } value)
            {
                ApplyReaderVariable(options, variable, kind, value);
            }
        }
    }

    /// <summary>Whether this process is the sync job.</summary>
    /// <exception cref="ModelCacheException">The variable is neither on nor off.</exception>
    public bool IsSyncMode() =>
        TryParseSwitch(Read(SyncMode), out var sync)
            ? sync
            : throw new ModelCacheException($"{SyncMode} is '{Read(SyncMode)}'; allowed are true, false, 1 and 0.");

    private void ApplyReaderVariable(ModelCacheOptions options, string variable, string kind, string value)
    {
        var root = Path.Combine(options.MountPath!, kind);
        var folder = Path.TrimEndingDirectorySeparator(paths.Resolve(value));
        if (folder == root)
        {
            return;
        }

        var version = Path.GetFileName(folder);
        var owners = Path.GetDirectoryName(folder) == root
            ? options.Models.Where(m => m.Kind == kind && m.Name is not null && VersionName.BelongsTo(version, m.Name)).ToList()
            : [];
        if (owners is not [var owner])
        {
            var names = options.Models.Where(m => m.Kind == kind && m.Name is not null).Select(m => m.Name);
            Report(
                options,
                $"{variable} is '{value}'; allowed are '{root}', which leaves the version open, and '{root}/<version>' with a version of " +
                $"a configured {kind} model ({string.Join(", ", names.DefaultIfEmpty("none"))}), which pins it.");
            return;
        }

        // An explicit setting wins over a variable; a digest says which version is wanted just as well as a version does.
        if (owner.Version is null && owner.Digest is null)
        {
            owner.Version = version;
        }
        else if (owner.Version is not null && _pinnedBy.TryGetValue(owner, out var other) && owner.Version != version)
        {
            Report(options, $"{variable} pins '{version}', but {other} pins '{owner.Version}'; the two must name the same version of '{owner.Name}'.");
            return;
        }

        _pinnedBy.TryAdd(owner, variable);
    }

    private readonly Dictionary<ModelOptions, string> _pinnedBy = [];

    /// <summary>Ollama strips blanks and quotes around its variables (envconfig/config.go, Var), so deployments have them.</summary>
    private string? Read(string variable)
    {
        var value = (configuration?[variable] ?? Environment.GetEnvironmentVariable(variable))?.Trim().Trim('"', '\'').Trim();
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private bool Report(ModelCacheOptions options, string problem)
    {
        options.Problems.Add($"{problem} (An explicit value below {path.Section} wins over the variable.)");
        return false;
    }

    private static bool TryParseSwitch(string? value, out bool on)
    {
        on = value is "1" || string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
        return on || value is null or "0" || string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);
    }
}
