namespace Tabular.ModelCache.Sources;

/// <summary>A digest of a source's own kind (a git blob id, for example) that proves the bytes of a file.</summary>
public interface IContentProof
{
    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">The bytes, in order.</param>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Compares what was taken with what the source promised.</summary>
    /// <returns><see langword="null"/> when they agree; otherwise what was expected and what was found.</returns>
    string? FindProblem();
}
