using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>Proves a file by its git blob id: the SHA-1 of <c>blob</c>, the length, a zero byte, and the content.</summary>
internal sealed class GitBlobProof : IContentProof, IDisposable
{
    private readonly string _expected;
#pragma warning disable CA5350 // The Hub promises no stronger digest for files that are not in LFS; SHA-256 is computed besides.
    private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350

    /// <param name="expected">The blob id: 40 lower-case hex digits.</param>
    /// <param name="size">The length of the content in bytes, which is part of what is hashed.</param>
    public GitBlobProof(string expected, long size)
    {
        _expected = expected;
        _sha1.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")));
    }

    public void Append(ReadOnlySpan<byte> bytes) => _sha1.AppendData(bytes);

    public string? FindProblem()
    {
        var found = Convert.ToHexStringLower(_sha1.GetCurrentHash());
        return found == _expected ? null : $"expected git blob {_expected}, found {found}";
    }

    public void Dispose() => _sha1.Dispose();
}
