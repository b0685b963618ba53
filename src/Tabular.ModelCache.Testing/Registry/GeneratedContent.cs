using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tabular.ModelCache.Testing;

/// <summary>Content that is held as its recipe: the bytes at its start, and what fills the rest.</summary>
internal sealed class GeneratedContent
{
    private const int HashBufferSize = 256 * 1024;

    private readonly byte[] _header;
    private readonly ulong? _seed;
    private readonly Lazy<Task<string>> _sha256;
    private readonly Lazy<Task<string>> _gitBlobSha1;

    /// <param name="header">The bytes at the start.</param>
    /// <param name="size">The size of the whole.</param>
    /// <param name="seed">The seed of the bytes that follow; <see langword="null"/> fills with spaces.</param>
    public GeneratedContent(byte[] header, long size, ulong? seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, header.Length);
        _header = header;
        _seed = seed;
        Size = size;
        _sha256 = new(() => Task.Run(() => Hash(HashAlgorithmName.SHA256, [])));
        _gitBlobSha1 = new(() => Task.Run(
            () => Hash(HashAlgorithmName.SHA1, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {Size}\0")))));
    }

    public long Size { get; }

    /// <summary>Gets a text that differs when the content does, without reading it.</summary>
    public string Recipe => string.Create(CultureInfo.InvariantCulture, $"{Size} {_seed} {Convert.ToHexStringLower(SHA256.HashData(_header))}");

    public static GeneratedContent FromBytes(byte[] bytes) => new(bytes, bytes.Length, null);

    public static GeneratedContent FromText(string text) => FromBytes(Encoding.UTF8.GetBytes(text));

    public Task<string> GetSha256Async() => _sha256.Value;

    public Task<string> GetGitBlobSha1Async() => _gitBlobSha1.Value;

    /// <summary>Reads from a position; fewer bytes than asked for only at the end.</summary>
    public int Read(long position, Span<byte> destination)
    {
        var count = (int)Math.Clamp(Size - position, 0, destination.Length);
        destination = destination[..count];
        if (position < _header.Length)
        {
            var head = _header.AsSpan((int)position);
            head = head[..Math.Min(head.Length, count)];
            head.CopyTo(destination);
            position += head.Length;
            destination = destination[head.Length..];
        }

        if (_seed is { } seed)
        {
            PseudoRandomBytes.Fill(seed, position, destination);
        }
        else
        {
            destination.Fill((byte)' ');
        }

        return count;
    }

    private string Hash(HashAlgorithmName algorithm, byte[] prefix)
    {
        using var hash = IncrementalHash.CreateHash(algorithm);
        hash.AppendData(prefix);
        var buffer = new byte[HashBufferSize];
        long position = 0;
        while (Read(position, buffer) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            position += read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
