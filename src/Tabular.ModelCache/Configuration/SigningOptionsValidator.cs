using Microsoft.Extensions.Options;

namespace Tabular.ModelCache.Configuration;

/// <summary>Checks the settings of signing, and that their keys can be loaded.</summary>
internal sealed class SigningOptionsValidator(SettingPath path, PathBase paths, SignerOverride? signer = null) : IValidateOptions<ModelCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelCacheOptions options)
    {
        var errors = new List<string>();
        var signing = options.Signing;
        if (signing.MinimumSequence < 0)
        {
            errors.Add($"{path.Key("Signing:MinimumSequence")} is {signing.MinimumSequence}; allowed is a number from 0.");
        }

        if (signing.Policy is { } policy && !Enum.IsDefined(policy))
        {
            errors.Add($"{path.Key("Signing:Policy")} is {policy}; allowed are {string.Join(", ", Enum.GetNames<SigningPolicy>())}.");
        }

        try
        {
            var trusted = SigningKeys.LoadTrusted(signing, path, paths);
            using var own = SigningKeys.LoadPrivate(signing, path, paths);
            if (signing.Policy == SigningPolicy.Require && trusted.Count == 0 && own is null && signer is null)
            {
                errors.Add($"{path.Key("Signing:Policy")} is {SigningPolicy.Require}, but no key is configured; set {path.Key("Signing:TrustedKeys:0")}.");
            }
        }
        catch (ModelCacheException e)
        {
            errors.Add(e.Message);
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
