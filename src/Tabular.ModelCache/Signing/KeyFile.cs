using System.Security.Cryptography;
using System.Text;

namespace Tabular.ModelCache.Signing;

/// <summary>Keys as files of this machine.</summary>
internal static class KeyFile
{
    public const string PrivateSuffix = ".key.pem";
    public const string PublicSuffix = ".pub.pem";

    /// <exception cref="ModelCacheException">The file cannot be read or is no public key.</exception>
    public static VerificationKey ReadPublic(string path, string? setting = null)
    {
        try
        {
            return VerificationKey.Parse(Read(path, setting), path);
        }
        catch (FormatException e)
        {
            throw new ModelCacheException($"The public key {Describe(path, setting)} {e.Message}.", e);
        }
    }

    /// <exception cref="ModelCacheException">The file cannot be read or is no private key.</exception>
    public static PemModelSigner ReadPrivate(string path, string? setting = null)
    {
        try
        {
            return PemModelSigner.Parse(Read(path, setting), path);
        }
        catch (FormatException e)
        {
            throw new ModelCacheException($"The private key {Describe(path, setting)} {e.Message}.", e);
        }
    }

    /// <summary>Makes a pair of files with a new key on P-256. Nothing is overwritten.</summary>
    /// <returns>The public key.</returns>
    /// <exception cref="ModelCacheException">A file exists or cannot be written.</exception>
    public static VerificationKey Create(string prefix)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var publicKey = VerificationKey.From(key, prefix + PublicSuffix);
        Write(prefix + PrivateSuffix, key.ExportPkcs8PrivateKeyPem() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Write(
            prefix + PublicSuffix,
            publicKey.Pem,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return publicKey;
    }

    private static string Describe(string path, string? setting) => setting is null ? $"'{path}'" : $"'{path}' of {setting}";

    private static string Read(string path, string? setting)
    {
        try
        {
            var bytes = new byte[VerificationKey.MostPemBytes + 1];
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return count <= VerificationKey.MostPemBytes
                ? Encoding.UTF8.GetString(bytes.AsSpan(0, count))
                : throw new ModelCacheException($"The key {Describe(path, setting)} has more than {VerificationKey.MostPemBytes} bytes; expected is one key in PEM form.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The key {Describe(path, setting)} cannot be read: {e.Message}", e);
        }
    }

    private static void Write(string path, string text, UnixFileMode mode)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = mode;
            }

            using var stream = new FileStream(path, options);
            stream.Write(Encoding.ASCII.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The key '{path}' cannot be written: {e.Message} Existing keys are never overwritten.", e);
        }
    }
}
