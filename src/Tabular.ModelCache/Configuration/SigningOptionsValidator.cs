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

        string[] signers =
        [
            .. string.IsNullOrWhiteSpace(signing.PrivateKey) ? [] : new[] { path.Key("Signing:PrivateKey") },
            .. string.IsNullOrWhiteSpace(signing.KmsKey) ? [] : new[] { path.Key("Signing:KmsKey") },
            .. signer is null ? [] : new[] { nameof(IModelCacheBuilder.UseSigner) },
        ];
        if (signers.Length > 1)
        {
            errors.Add($"{string.Join(" and ", signers)} are set; allowed is one signer, so remove the others.");
        }

        try
        {
            var trusted = SigningKeys.LoadTrusted(signing, path, paths);
            SigningKeys.LoadPrivate(signing, path, paths)?.Dispose();
            _ = SigningKeys.ReadKms(signing, path);
            if (signing.Policy == SigningPolicy.Require && trusted.Count == 0 && signers.Length == 0)
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
