using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Verification;

/// <summary>
/// What one reader reads from one handle in one go: a whole file, or some regions of it that follow each other. gcsfuse keeps one stream
/// per handle and asks for 200 MB at a time, so that a handle that is closed after one region has fetched more than was read.
/// </summary>
/// <param name="File">The file.</param>
/// <param name="First">The first region.</param>
/// <param name="Count">How many regions.</param>
internal readonly record struct ContentSpan(ManifestFile File, int First, int Count)
{
    // Enough spans that readers which are done first find something left, and none of more than 512 MiB.
    private const int SpansPerReader = 4;
    private const int MostRegions = 8;

    /// <summary>The region of a file, with its digest; a file without regions is one region.</summary>
    public (long Length, string Sha256) Region(int index) => File.Regions is { } regions
        ? (Math.Min(regions.Size, File.Size - (index * regions.Size)), regions.Sha256[index])
        : (File.Size, File.Sha256);

    public long Offset(int index) => File.Regions is { } regions ? index * regions.Size : 0;

    /// <summary>Divides a version's files among readers, the largest files first.</summary>
    public static IEnumerable<ContentSpan> Divide(IReadOnlyCollection<ManifestFile> files, int readers)
    {
        var all = files.Sum(CountOf);
        var most = (int)Math.Clamp(all / ((long)readers * SpansPerReader), 1, MostRegions);
        foreach (var file in files.OrderByDescending(f => f.Size))
        {
            for (var first = 0; first < CountOf(file); first += most)
            {
                yield return new ContentSpan(file, first, Math.Min(most, CountOf(file) - first));
            }
        }
    }

    private static int CountOf(ManifestFile file) => file.Regions?.Sha256.Count ?? 1;
}
