using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>The digest that a manifest must have, if any: written into the source, or configured beside it.</summary>
internal static class OllamaPin
{
    private const string DigestPrefix = "sha256:";

    /// <returns><c>sha256:</c> and 64 hex digits, or <see langword="null"/>.</returns>
    /// <exception cref="ModelCacheException">The pins disagree, or one is no digest of a manifest.</exception>
    public static string? Find(ModelSourceRequest request, OllamaReference reference)
    {
        if (request.Digest is null)
        {
            return reference.Digest;
        }

        var hex = request.Digest.Trim().ToLowerInvariant();
        hex = hex.StartsWith(DigestPrefix, StringComparison.Ordinal) ? hex[DigestPrefix.Length..] : hex;
        if (!Sha256Hex.IsValid(hex))
        {
            throw new ModelCacheException(
                $"The model '{request.Model}' is pinned to the digest '{Http.SourceErrors.Printable(request.Digest)}'; expected for {request.Uri} is sha256: and 64 hex digits.");
        }

        return reference.Digest is null || reference.Digest == DigestPrefix + hex
            ? DigestPrefix + hex
            : throw new ModelCacheException(
                $"The model '{request.Model}' is pinned to the digest '{request.Digest}', but its source {request.Uri} names another; let one of the two go.");
    }

    /// <summary>For a pin that cannot be had.</summary>
    /// <param name="reference">The model.</param>
    /// <param name="pin">What is wanted.</param>
    /// <param name="current">What the tag is at; <see langword="null"/> when the tag is gone.</param>
    public static ModelCacheException Missing(OllamaReference reference, string pin, string? current) => new(
        $"{reference.ShortName} is pinned to the manifest {pin}, but the registry {reference.Host} does not give that: the tag " +
        (current is null ? "is gone; remove the pin or change the source." : $"is at {current} now; change the pin to that, or remove it."));
}
