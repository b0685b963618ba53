using System.IO.Hashing;
using System.Security.Cryptography;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Hashes a source while it is uploaded: SHA-256 of the whole and of each region, and CRC32C, in one pass. It answers the read of the
/// end only when the bytes are those that the source promised, so that no wrong object ever comes to exist.
/// </summary>
internal sealed class VerifyingStream : ForwardStream
{
    private readonly SourceFile _file;
    private readonly Stream _source;
    private readonly Action<int> _progress;
    private readonly Func<ManifestFile, Task> _verified;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? _region;
    private readonly Crc32 _crc32C = Crc32C.Create();
    private readonly IContentProof? _proof;
    private readonly List<string> _regions = [];
    private long _position;
    private bool _ended;

    /// <param name="file">What the source promised.</param>
    /// <param name="source">The bytes; disposed with this stream.</param>
    /// <param name="progress">Is told how many bytes were read.</param>
    /// <param name="verified">Is awaited at the end, when all is proven and before the reader learns of it.</param>
    public VerifyingStream(SourceFile file, Stream source, Action<int> progress, Func<ManifestFile, Task> verified)
    {
        _file = file;
        _source = source;
        _progress = progress;
        _verified = verified;
        _proof = file.CreateProof();
        _region = file.Size > FileRegions.DefaultSize ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>Gets what the bytes turned out to be; set at the end.</summary>
    public ManifestFile? Result { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        var read = await _source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            Result = Finish();
            await _verified(Result).ConfigureAwait(false);
            _ended = true;
            return 0;
        }

        if (_position + read > _file.Size)
        {
            throw new ModelCacheException(
                $"The source of '{_file.Path}' sent more than the {_file.Size} bytes that it promised; nothing was published.");
        }

        Append(buffer.Span[..read]);
        _progress(read);
        return read;
    }

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
            _sha256.Dispose();
            _region?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _sha256.AppendData(bytes);
        _crc32C.Append(bytes);
        _proof?.Append(bytes);
        if (_region is not null)
        {
            AppendRegions(bytes);
        }

        _position += bytes.Length;
    }

    private void AppendRegions(ReadOnlySpan<byte> bytes)
    {
        var position = _position;
        while (!bytes.IsEmpty)
        {
            var room = FileRegions.DefaultSize - (position % FileRegions.DefaultSize);
            var part = bytes[..(int)Math.Min(room, bytes.Length)];
            _region!.AppendData(part);
            position += part.Length;
            bytes = bytes[part.Length..];
            if (position % FileRegions.DefaultSize == 0)
            {
                _regions.Add(Convert.ToHexStringLower(_region.GetHashAndReset()));
            }
        }
    }

    private ManifestFile Finish()
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

        if (_region is not null && _position % FileRegions.DefaultSize != 0)
        {
            _regions.Add(Convert.ToHexStringLower(_region.GetHashAndReset()));
        }

        return new ManifestFile
        {
            Path = _file.Path,
            Size = _file.Size,
            Sha256 = sha256,
            Crc32C = _crc32C.GetCurrentHashAsUInt32(),
            Regions = _region is null ? null : new FileRegions { Size = FileRegions.DefaultSize, Sha256 = [.. _regions] },
        };
    }
}
