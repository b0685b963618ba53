using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Signing.CloudKms;

namespace Tabular.ModelCache.Configuration;

/// <summary>Loads the keys that the settings name.</summary>
internal static class SigningKeys
{
    private const string PemMark = "-----BEGIN ";

    /// <exception cref="ModelCacheException">A key cannot be read or used; the message names it.</exception>
    public static IReadOnlyList<VerificationKey> LoadTrusted(SigningOptions options, SettingPath path, PathBase paths)
    {
        var keys = new List<VerificationKey>();
        for (var i = 0; i < options.TrustedKeys.Count; i++)
        {
            var setting = path.Key($"Signing:TrustedKeys:{i}");
            var value = options.TrustedKeys[i];
            if (string.IsNullOrWhiteSpace(value))
            {
                throw new ModelCacheException($"{setting} is empty; allowed is a public key in PEM form, a file or a folder.");
            }

            if (IsPem(value))
            {
                keys.Add(Parse(setting, () => VerificationKey.Parse(value, setting)));
                continue;
            }

            keys.AddRange(FindFiles(setting, paths.Resolve(value)).Select(file => KeyFile.ReadPublic(file, setting)));
        }

        return keys.Count <= VerificationKeys.Most
            ? keys
            : throw new ModelCacheException($"{path.Key("Signing:TrustedKeys")} has {keys.Count} keys; allowed are {VerificationKeys.Most}.");
    }

    /// <exception cref="ModelCacheException">The key cannot be read or used.</exception>
    public static PemModelSigner? LoadPrivate(SigningOptions options, SettingPath path, PathBase paths)
    {
        // The key itself is a secret and in no message.
        var setting = path.Key("Signing:PrivateKey");
        return string.IsNullOrWhiteSpace(options.PrivateKey) ? null :
            IsPem(options.PrivateKey) ? Parse(setting, () => PemModelSigner.Parse(options.PrivateKey, setting)) :
            KeyFile.ReadPrivate(paths.Resolve(options.PrivateKey), setting);
    }

    /// <summary>Reads which key of Cloud KMS signs; nothing is asked of it.</summary>
    /// <exception cref="ModelCacheException">It is no name of a key version, or the endpoint is no address.</exception>
    public static (KmsKeyName Key, KmsOptions Options)? ReadKms(SigningOptions options, SettingPath path)
    {
        var setting = path.Key("Signing:KmsKey");
        var endpoint = path.Key("Signing:KmsEndpoint");
        return string.IsNullOrWhiteSpace(options.KmsKey)
            ? null
            : (Parse(setting, () => KmsKeyName.Parse(options.KmsKey)), new KmsOptions
            {
                Setting = setting,
                Endpoint = Parse(endpoint, () => KmsEndpoint.Parse(options.KmsEndpoint)),
            });
    }

    private static bool IsPem(string value) => value.Contains(PemMark, StringComparison.Ordinal);

    private static T Parse<T>(string setting, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            throw new ModelCacheException($"{setting} {e.Message}.", e);
        }
    }

    private static string[] FindFiles(string setting, string path)
    {
        try
        {
            if ((File.GetAttributes(path) & FileAttributes.Directory) == 0)
            {
                return [path];
            }

            // Secrets are mounted as links, so links are followed.
            var files = Directory.GetFiles(path, "*.pem");
            return files.Length > 0 ? files : throw new ModelCacheException($"{setting} is the folder '{path}', which has no file *.pem.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"{setting} is '{path}', which cannot be read: {e.Message}", e);
        }
    }
}
