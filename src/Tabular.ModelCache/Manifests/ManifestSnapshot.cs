namespace Tabular.ModelCache.Manifests;

/// <summary>The manifest as it was read.</summary>
/// <param name="Manifest">The content; empty when there is no manifest.</param>
/// <param name="Generation">The generation of the object; 0 when there is none, or when it was read through a mount.</param>
internal sealed record ManifestSnapshot(Manifest Manifest, long Generation)
{
    public static ManifestSnapshot Empty { get; } = new(new Manifest(), 0);

    public ManifestEntry? Entry(string model) => Manifest.Models.GetValueOrDefault(model);
}
