using System.IO.Hashing;
using System.Security.Cryptography;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Computes the checksums of an upload as it passes, and compares them with those that were declared.</summary>
/// <param name="withMd5">Whether anybody looks at the MD5. It is the dearest part of an upload: 700 MB/s on one core.</param>
internal sealed class UploadDigest(bool withMd5) : IDisposable
{
    private readonly Crc32 _crc = Crc32C.Create();
    // The API's checksum, not a protection.
#pragma warning disable CA5351
    private readonly IncrementalHash? _md5 = withMd5 ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
#pragma warning restore CA5351

    public string? Md5Hash { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _crc.Append(bytes);
        _md5?.AppendData(bytes);
    }

    /// <summary>Ends the computation and says what does not agree; <see langword="null"/> when all does.</summary>
    public string? Finish(string name, params ReadOnlySpan<(string? Crc32C, string? Md5)> declared)
    {
        var crc = ServerHash.Format(_crc.GetCurrentHashAsUInt32());
        Md5Hash = _md5 is null ? null : Convert.ToBase64String(_md5.GetHashAndReset());
        foreach (var (wantedCrc, wantedMd5) in declared)
        {
            if (wantedCrc is not null && wantedCrc != crc)
            {
                return $"Provided CRC32C \"{wantedCrc}\" doesn't match calculated CRC32C \"{crc}\" of {name}.";
            }

            if (wantedMd5 is not null && _md5 is null)
            {
                return $"Provided MD5 hash \"{wantedMd5}\" of {name} cannot be checked: its upload selected fields without md5Hash.";
            }

            if (wantedMd5 is not null && wantedMd5 != Md5Hash)
            {
                return $"Provided MD5 hash \"{wantedMd5}\" doesn't match calculated MD5 hash \"{Md5Hash}\" of {name}.";
            }
        }

        return null;
    }

    public void Dispose() => _md5?.Dispose();
}
