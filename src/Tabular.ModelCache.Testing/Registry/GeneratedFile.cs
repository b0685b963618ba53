using System.Text;

namespace Tabular.ModelCache.Testing;

/// <summary>A file of any size that is generated whenever it is read; it takes neither memory nor disk.</summary>
/// <remarks>
/// What it holds depends on the arguments of its factory alone: two files with the same kind, size and seed are equal, on every machine.
/// Checksums are computed when they are first asked for, by generating the whole content once, and kept. Thread-safe.
/// </remarks>
public sealed class GeneratedFile
{
    private GeneratedFile(string path, GeneratedContent content, bool isLfs)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = path;
        Content = content;
        IsLfs = isLfs;
    }

    /// <summary>Gets the path in its repository, with <c>/</c>, such as <c>1_Pooling/config.json</c>.</summary>
    public string Path { get; }

    /// <summary>Gets the size in bytes.</summary>
    public long Size => Content.Size;

    /// <summary>Gets whether a Hugging Face repository keeps it in Git LFS: served from another address, known by its SHA-256.</summary>
    public bool IsLfs { get; }

    /// <summary>Gets the SHA-256 as 64 lower-case hex digits; the first call generates the whole content.</summary>
    public string Sha256 => Content.GetSha256Async().GetAwaiter().GetResult();

    /// <summary>Gets the SHA-1 that Git gives to the content as a blob, as 40 lower-case hex digits; the first call generates the whole content.</summary>
    public string GitBlobSha1 => Content.GetGitBlobSha1Async().GetAwaiter().GetResult();

    internal GeneratedContent Content { get; }

    /// <summary>Makes a file of pseudo-random bytes, kept in LFS.</summary>
    /// <param name="path">The path.</param>
    /// <param name="size">The size in bytes.</param>
    /// <param name="seed">Another seed gives other content.</param>
    /// <returns>The file.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    public static GeneratedFile Random(string path, long size, long seed = 0) => new(path, new([], size, (ulong)seed), isLfs: true);

    /// <summary>Makes a GGUF file (version 3): a header of a small llama, and tensors that cover the file exactly. Kept in LFS.</summary>
    /// <param name="path">The path.</param>
    /// <param name="size">The size in bytes; at least 65 536, so that every tensor has weights.</param>
    /// <param name="seed">Another seed gives other weights.</param>
    /// <returns>The file.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is too small.</exception>
    /// <remarks>The format: <see href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"/>.</remarks>
    public static GeneratedFile Gguf(string path, long size, long seed = 0) =>
        new(path, new(GgufHeader.Create(size), size, (ulong)seed), isLfs: true);

    /// <summary>Makes a safetensors file: a JSON header, and tensors that cover the file exactly. Kept in LFS.</summary>
    /// <param name="path">The path.</param>
    /// <param name="size">The size in bytes; at least 65 536, so that every tensor has weights.</param>
    /// <param name="seed">Another seed gives other weights.</param>
    /// <returns>The file.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is too small.</exception>
    /// <remarks>The format: <see href="https://github.com/huggingface/safetensors#format"/>.</remarks>
    public static GeneratedFile Safetensors(string path, long size, long seed = 0) =>
        new(path, new(SafetensorsHeader.Create(size), size, (ulong)seed), isLfs: true);

    /// <summary>Makes a text file, kept in Git itself.</summary>
    /// <param name="path">The path.</param>
    /// <param name="text">The text; written as UTF-8.</param>
    /// <param name="size">The size in bytes, filled up with spaces, which leaves JSON valid; <see langword="null"/> is that of the text.</param>
    /// <returns>The file.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than the text needs.</exception>
    public static GeneratedFile Text(string path, string text, long? size = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetBytes(text);
        return new(path, new(bytes, size ?? bytes.Length, null), isLfs: false);
    }

    /// <summary>Makes a file with the same content that is kept in LFS, or in Git itself.</summary>
    /// <param name="isLfs">Whether it is kept in LFS.</param>
    /// <returns>Another file; it shares the checksums.</returns>
    public GeneratedFile WithLfs(bool isLfs) => new(Path, Content, isLfs);

    /// <summary>Makes a file with the same content at another path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>Another file; it shares the checksums.</returns>
    public GeneratedFile WithPath(string path) => new(path, Content, IsLfs);

    /// <summary>Reads from a position.</summary>
    /// <param name="position">The position in bytes, from 0.</param>
    /// <param name="destination">What is filled.</param>
    /// <returns>How many bytes were read: fewer than fit only at the end, 0 behind it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="position"/> is negative.</exception>
    public int Read(long position, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return Content.Read(position, destination);
    }

    /// <summary>Opens the file.</summary>
    /// <returns>A stream that can seek.</returns>
    public Stream OpenRead() => new GeneratedStream(Content);
}
