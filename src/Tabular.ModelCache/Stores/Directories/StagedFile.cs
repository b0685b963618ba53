namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Content that is complete on the disk, and not yet an object. What is not renamed away is deleted with it.</summary>
/// <param name="path">Where it lies.</param>
/// <param name="size">In bytes.</param>
/// <param name="crc32C">Of the content.</param>
/// <param name="generation">The generation whose time the file has already.</param>
internal sealed class StagedFile(string path, long size, uint crc32C, long generation) : IDisposable
{
    public string Path { get; } = path;

    public long Size { get; } = size;

    public uint Crc32C { get; } = crc32C;

    public long Generation { get; } = generation;

    public void Dispose()
    {
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            // Nobody reads it; what stays is removed after a quarter of an hour. The outcome of the write must not change for it.
        }
    }
}
