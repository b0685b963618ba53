namespace Tabular.ModelCache.Manifests;

/// <summary>The names of our own files at the top of a version's folder, and of the objects beside the versions.</summary>
internal static class VersionFiles
{
    public const string Manifest = "manifest.json";
    public const string Checksums = "SHA256SUMS";
    public const string Done = ".done";
    public const string Signature = "model.sig";

    /// <summary>The signature of a manifest with this SHA-256.</summary>
    public static string SignatureOf(string manifestSha256) => $"signatures/{manifestSha256}.sig";

    public static bool IsMarker(string path) => path is Checksums or Done or Signature;
}
