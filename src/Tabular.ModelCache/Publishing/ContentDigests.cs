using System.IO.Hashing;
using System.Security.Cryptography;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// The digests of one file while its bytes pass in order: SHA-256 of the whole and of each region, CRC32C, and the source's own proof.
/// </summary>
internal sealed class ContentDigests : IDisposable
{
    /// <summary>
    /// From so many bytes on, the two SHA-256 of a region's bytes are computed at the same time: both together take a core 6 ms for each MiB
    /// where it has no instructions for them, and would be the slowest part of a pull.
    /// </summary>
    private const int ParallelFrom = 1 << 20;

    private readonly SourceFile _file;
    private readonly long _regionSize;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? _region;
    private readonly Crc32 _crc32C = Crc32C.Create();
    private readonly IContentProof? _proof;
    private readonly List<string> _regions = [];
    private long _position;

    /// <param name="file">What the source promised.</param>
    /// <param name="regionSize">The size of the regions; a file that is not larger has none.</param>
    public ContentDigests(SourceFile file, long regionSize)
    {
        _file = file;
        _regionSize = regionSize;
        _proof = file.CreateProof();
        _region = file.Size > regionSize ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <exception cref="ModelCacheException">There are more bytes than the source promised.</exception>
    public void Append(ReadOnlyMemory<byte> bytes)
    {
        if (_position + bytes.Length > _file.Size)
        {
            throw new ModelCacheException(
                $"The source of '{_file.Path}' sent more than the {_file.Size} bytes that it promised; nothing was published.");
        }

        if (_region is null)
        {
            AppendWhole(bytes.Span);
        }
        else if (bytes.Length < ParallelFrom)
        {
            AppendWhole(bytes.Span);
            AppendRegions(bytes.Span);
        }
        else
        {
            Parallel.Invoke(() => AppendWhole(bytes.Span), () => AppendRegions(bytes.Span));
        }

        _position += bytes.Length;
    }

    /// <summary>Compares the bytes with what the source promised.</summary>
    /// <returns>What they turned out to be.</returns>
    /// <exception cref="ModelCacheException">They are not what the source promised.</exception>
    public ManifestFile Finish()
    {
        if (_position != _file.Size)
        {
            throw new ModelCacheException(
                $"The source of '{_file.Path}' ended after {_position} of {_file.Size} bytes; nothing was published, try again.");
        }

        var sha256 = Convert.ToHexStringLower(_sha256.GetHashAndReset());
        if (_file.Sha256 is { } promised && promised != sha256)
        {
            throw new ModelCacheException(
                $"The source of '{_file.Path}' sent other bytes than it promised: expected sha256 {promised}, found {sha256}; nothing was published.");
        }

        if (_proof?.FindProblem() is { } problem)
        {
            throw new ModelCacheException($"The source of '{_file.Path}' sent other bytes than it promised: {problem}; nothing was published.");
        }

        if (_region is not null && _position % _regionSize != 0)
        {
            _regions.Add(Convert.ToHexStringLower(_region.GetHashAndReset()));
        }

        return new ManifestFile
        {
            Path = _file.Path,
            Size = _file.Size,
            Sha256 = sha256,
            Crc32C = _crc32C.GetCurrentHashAsUInt32(),
            Regions = _region is null ? null : new FileRegions { Size = _regionSize, Sha256 = [.. _regions] },
        };
    }

    public void Dispose()
    {
        _sha256.Dispose();
        _region?.Dispose();
    }

    private void AppendWhole(ReadOnlySpan<byte> bytes)
    {
        _sha256.AppendData(bytes);
        _crc32C.Append(bytes);
        _proof?.Append(bytes);
    }

    private void AppendRegions(ReadOnlySpan<byte> bytes)
    {
        var position = _position;
        while (!bytes.IsEmpty)
        {
            var room = _regionSize - (position % _regionSize);
            var part = bytes[..(int)Math.Min(room, bytes.Length)];
            _region!.AppendData(part);
            position += part.Length;
            bytes = bytes[part.Length..];
            if (position % _regionSize == 0)
            {
                _regions.Add(Convert.ToHexStringLower(_region.GetHashAndReset()));
            }
        }
    }
}
