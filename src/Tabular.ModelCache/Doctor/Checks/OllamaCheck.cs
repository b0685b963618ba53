using System.Globalization;
using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>The variables of an Ollama that inherits this environment; one that gets its environment from the model has the right ones.</summary>
internal sealed class OllamaCheck : IDoctorCheck
{
    public const string Elsewhere = "ollama-models-elsewhere";
    public const string ModelsVariable = "OLLAMA_MODELS";
    private const string NoPruneVariable = "OLLAMA_NOPRUNE";

    public string Name => "ollama";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(45);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        var models = context.Models.Where(m => m.Kind == ModelKinds.Ollama).ToList();
        if (models.Count == 0 || context.Surroundings.Variable(ModelsVariable) is not { } folder)
        {
            return;
        }

        var root = Path.Combine(context.Mount.Root, ModelKinds.Ollama);
        var target = context.Resolve(folder);
        var version = Path.GetFileName(target);
        var manifest = (await context.ReadManifestAsync().ConfigureAwait(false)).Value;
        var isKept = manifest is null || manifest.Manifest.Models.Values.SelectMany(m => m.Versions).Any(v => VersionName.Matches(version, v.Version));
        if (target != root && !(Path.GetDirectoryName(target) == root && isKept))
        {
            findings.Error(
                Elsewhere,
                $"{ModelsVariable} is '{folder}', which is neither '{root}' nor '{root}/<version>' with a kept version: Ollama starts with an empty store there",
                $"set {ModelsVariable} to '{root}' for this app, and start Ollama with the environment that CachedModel.Environment gives");
        }

        // As Ollama reads a switch: what is not a boolean of Go counts as on (envconfig/config.go, Bool).
        if (context.Surroundings.Variable(NoPruneVariable) is not { } noPrune || noPrune.ToLower(CultureInfo.InvariantCulture) is "0" or "f" or "false")
        {
            findings.Warning(
                "ollama-noprune-unset",
                $"{ModelsVariable} is set and {NoPruneVariable} is not: an Ollama of this environment deletes every file of blobs/ that its manifests do not name, and fails to on a read-only mount",
                $"set {NoPruneVariable}=1");
        }
    }
}
