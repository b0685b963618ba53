using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>What publishing one model did.</summary>
/// <param name="Action">What became of the model.</param>
/// <param name="Version">The version that satisfies what is wanted.</param>
/// <param name="BytesPulled">The bytes read from the source.</param>
/// <param name="BytesCopied">The bytes copied or moved on the server instead.</param>
internal sealed record PublishResult(PublishAction Action, ManifestVersion Version, long BytesPulled = 0, long BytesCopied = 0)
{
    /// <summary>Why what is no longer needed could not be removed; <see langword="null"/> when it was.</summary>
    public string? Untidy { get; init; }
}
