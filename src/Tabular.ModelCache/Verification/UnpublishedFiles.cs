using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Verification;

/// <summary>
/// Finds what lies in a version's folder and was not published. A reader takes what it finds there: a file more is a changed model, as
/// much as a file that was changed. The version's own markers are not read by it, and may be there without being listed: a publisher with
/// a key adds a signature that a manifest written before does not have.
/// </summary>
internal static class UnpublishedFiles
{
    /// <param name="version">What was published.</param>
    /// <param name="found">The paths below the version's folder; those of folder objects end with <c>/</c>.</param>
    /// <param name="where">Where they were found, for the message.</param>
    /// <returns>The refusal; <see langword="null"/> when there is no such file.</returns>
    public static VerificationResult? Find(ManifestVersion version, IEnumerable<string> found, string where)
    {
        var published = version.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        return found.Where(p => !published.Contains(p) && !IsFolderObject(p) && !VersionFiles.IsMarker(p)).Min(StringComparer.Ordinal) is { } path
            ? VerificationResult.Wrong(
                $"The file {version.Path}/{path} was not published: expected the {published.Count} files of the manifest, found it besides in {where}; " +
                "remove it, or publish the model again.")
            : null;
    }

    // That of the version's own folder has nothing left when the folder is cut off.
    private static bool IsFolderObject(string path) => path.Length == 0 || ObjectName.IsFolder(path);
}
