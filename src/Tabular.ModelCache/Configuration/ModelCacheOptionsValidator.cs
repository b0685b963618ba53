using Microsoft.Extensions.Options;

namespace Tabular.ModelCache.Configuration;

/// <summary>Checks settings that depend on each other; every message has both configuration paths and both values.</summary>
internal sealed class ModelCacheOptionsValidator(SettingPath path) : IValidateOptions<ModelCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelCacheOptions options)
    {
        var errors = new List<string>();
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < options.Models.Count; i++)
        {
            var model = options.Models[i];
            if (model.Name is not null && !seen.TryAdd(model.Name, i))
            {
                errors.Add(
                    $"{path.Key($"Models:{i}:Name")} is '{model.Name}', as is {path.Key($"Models:{seen[model.Name]}:Name")}; " +
                    "names of models must differ (letter case does not count).");
            }

            if (model.Version is not null && model.Digest is not null)
            {
                errors.Add(
                    $"{path.Key($"Models:{i}:Version")} is '{model.Version}' and {path.Key($"Models:{i}:Digest")} is '{model.Digest}'; " +
                    "only one of the two may pin a model.");
            }

            if (model.Version is { } version && model.Name is { } owner && !VersionName.BelongsTo(version, owner))
            {
                errors.Add(
                    $"{path.Key($"Models:{i}:Version")} is '{version}'; allowed for the model '{owner}' is " +
                    $"{owner}-yyyy-mm-dd, with or without -<12 hex digits>.");
            }
        }

        if (options.SharedVolumeEnabled == true)
        {
            CheckShared(errors, options);
        }
        else if (!string.IsNullOrEmpty(options.Bucket))
        {
            errors.Add(
                $"{path.Key("Bucket")} is '{options.Bucket}', but {path.Key("SharedVolumeEnabled")} is false; a bucket is only used with " +
                $"a shared volume: set {path.Key("SharedVolumeEnabled")} or SHARED_MODEL_VOLUME_ENABLED to true, or remove the bucket.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private void CheckShared(List<string> errors, ModelCacheOptions options)
    {
        if (string.IsNullOrEmpty(options.Bucket) && options.Verification == VerificationLevel.Metadata)
        {
            errors.Add(
                $"{path.Key("Verification")} is {VerificationLevel.Metadata}, but {path.Key("Bucket")} is not set; that level lists the bucket: " +
                $"set {path.Key("Bucket")}, or choose {VerificationLevel.Marker} or {VerificationLevel.Content}.");
        }
    }
}
