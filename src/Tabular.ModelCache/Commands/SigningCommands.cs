using System.CommandLine;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Signing.CloudKms;

namespace Tabular.ModelCache.Commands;

/// <summary>The commands around keys and folders of this machine: <c>keygen</c>, <c>sign</c>, <c>verify --signature</c>. They need no settings.</summary>
internal static class SigningCommands
{
    private const string Keygen = "keygen";
    private const string Sign = "sign";
    private const string Verify = "verify";
    private const string Signature = "--signature";
    private const string KmsKey = "--kms-key";
    private const string KmsEndpointOption = "--kms-endpoint";

    // What `test` and `diff` say when something is not as it should be; the suite of Model Signing takes any code but 0.
    private const int NotVerified = 1;

    /// <summary>Whether a command looks at no setting, so that it runs where no model is configured.</summary>
    /// <param name="args">The arguments after <c>model-cache</c>.</param>
    public static bool NeedNoSettings(IReadOnlyList<string> args) => args.FirstOrDefault(a => !a.StartsWith('-')) switch
    {
        Keygen or Sign => true,
        Verify => args.Any(a => a == Signature || a.StartsWith(Signature + "=", StringComparison.Ordinal)),
        _ => false,
    };

    public static IEnumerable<Command> Create(TextWriter output) => [CreateKeygen(output), CreateSign(output)];

    /// <summary>Adds to <c>verify</c> the form that verifies a folder with a bundle and a key.</summary>
    /// <param name="verify">The command, with its action set.</param>
    /// <param name="output">Where the result goes.</param>
    /// <param name="error">Where the reason goes when it does not verify.</param>
    public static void AddFolderForm(Command verify, TextWriter output, TextWriter error)
    {
        var signature = new Option<string?>(Signature) { Description = "An OpenSSF Model Signing bundle: verifies a folder with it and --key, with no settings. Exit code 0 or 1." };
        var key = new Option<string?>("--key") { Description = "With --signature: the trusted public key, a PEM file." };
        var ignore = IgnorePaths();
        var unsigned = new Option<bool>("--ignore-unsigned-files") { Description = "With --signature: tolerate files that were not signed." };
        var folder = new Argument<string?>("folder") { Description = "With --signature: the folder of the model.", Arity = ArgumentArity.ZeroOrOne };
        foreach (var option in new Option[] { signature, key, ignore, unsigned })
        {
            verify.Add(option);
        }

        verify.Add(folder);
        verify.Validators.Add(parsed =>
        {
            var wants = parsed.GetValue(signature) is not null;
            if (wants && (parsed.GetValue(key) is null || parsed.GetValue(folder) is null))
            {
                parsed.AddError($"verify {Signature} needs --key with the public key, and the folder.");
            }
            else if (!wants && (parsed.GetValue(key) is not null || parsed.GetValue(folder) is not null))
            {
                parsed.AddError($"verify with --key or a folder needs {Signature} with the bundle.");
            }
        });
        var configured = verify.Action as System.CommandLine.Invocation.AsynchronousCommandLineAction;
        verify.SetAction(async (parsed, token) =>
        {
            if (parsed.GetValue(signature) is not { } bundle)
            {
                return await configured!.InvokeAsync(parsed, token).ConfigureAwait(false);
            }

            try
            {
                var statement = await FolderSignature.VerifyAsync(
                    parsed.GetValue(folder)!, bundle, KeyFile.ReadPublic(parsed.GetValue(key)!), parsed.GetValue(ignore) ?? [], parsed.GetValue(unsigned), token)
                    .ConfigureAwait(false);
                await output.WriteLineAsync($"verified: {statement.Resources.Count} files").ConfigureAwait(false);
                return ModelCacheExitCodes.Success;
            }
            catch (ModelCacheException e)
            {
                await error.WriteLineAsync($"{ModelCacheCommand.Name}: {e.Message}").ConfigureAwait(false);
                return NotVerified;
            }
        });
    }

    private static Command CreateKeygen(TextWriter output)
    {
        var prefix = new Option<string>("--out")
        {
            Description = $"Where to write: PREFIX{KeyFile.PrivateSuffix} (the private key) and PREFIX{KeyFile.PublicSuffix} (the public key).",
            Required = true,
        };
        var command = new Command(Keygen, "Makes a key pair for signing (ECDSA P-256, PEM) and prints the hint by which signatures name it.") { prefix };
        command.SetAction(async (parsed, _) =>
        {
            var name = parsed.GetValue(prefix)!;
            var key = KeyFile.Create(name);
            await output.WriteLineAsync($"private key: {name}{KeyFile.PrivateSuffix} (keep it secret)").ConfigureAwait(false);
            await output.WriteLineAsync($"public key:  {name}{KeyFile.PublicSuffix}").ConfigureAwait(false);
            await output.WriteLineAsync($"hint:        {key.Hint}").ConfigureAwait(false);
            return ModelCacheExitCodes.Success;
        });
        return command;
    }

    private static Command CreateSign(TextWriter output)
    {
        var key = new Option<string?>("--key") { Description = "The private key, a PEM file." };
        var kmsKey = new Option<string?>(KmsKey) { Description = $"A key of Google Cloud KMS instead, {KmsKeyName.Form}; with application default credentials." };
        var kmsEndpoint = new Option<string?>(KmsEndpointOption) { Description = "Where Cloud KMS is served, when not at https://cloudkms.googleapis.com." };
        var bundle = new Option<string>("--out") { Description = "The bundle to write, model.sig for example; a file there is replaced.", Required = true };
        var ignore = IgnorePaths();
        var folder = new Argument<string>("folder") { Description = "The folder of the model." };
        var command = new Command(Sign, "Signs a folder with a key, as an OpenSSF Model Signing bundle. Needs no settings.") { key, kmsKey, kmsEndpoint, bundle, ignore, folder };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(key) is null == parsed.GetValue(kmsKey) is null)
            {
                parsed.AddError($"sign needs either --key with a private key or {KmsKey} with a key of Cloud KMS.");
            }
        });
        command.SetAction(async (parsed, token) =>
        {
            using var pem = parsed.GetValue(key) is { } file ? KeyFile.ReadPrivate(file) : null;
            using var kms = parsed.GetValue(kmsKey) is { } name ? CreateKmsSigner(name, parsed.GetValue(kmsEndpoint)) : null;
            IModelSigner signer = pem is not null ? pem : kms!;
            var count = await FolderSignature.SignAsync(
                parsed.GetValue(folder)!, parsed.GetValue(bundle)!, signer, parsed.GetValue(ignore) ?? [], token).ConfigureAwait(false);
            await output.WriteLineAsync($"signed: {count} files, {parsed.GetValue(bundle)}").ConfigureAwait(false);
            return ModelCacheExitCodes.Success;
        });
        return command;
    }

    private static KmsModelSigner CreateKmsSigner(string name, string? endpoint)
    {
        var option = KmsKey;
        try
        {
            var key = KmsKeyName.Parse(name);
            option = KmsEndpointOption;
            return new KmsModelSigner(key, new KmsOptions { Setting = KmsKey, Endpoint = KmsEndpoint.Parse(endpoint) });
        }
        catch (FormatException e)
        {
            throw new ModelCacheException($"{option} {e.Message}.", e);
        }
    }

    private static Option<string[]> IgnorePaths() => new("--ignore-paths")
    {
        Description = "A path that is no part of the model, with all below it; may be given more than once.",
        AllowMultipleArgumentsPerToken = false,
    };
}
