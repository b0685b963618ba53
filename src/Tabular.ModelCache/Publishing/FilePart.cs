namespace Tabular.ModelCache.Publishing;

/// <summary>One part of a large file.</summary>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Count">How many bytes it has.</param>
internal readonly record struct FilePart(long Offset, int Count)
{
    public static IReadOnlyList<FilePart> Of(long size, int partSize)
    {
        var parts = new FilePart[(size + partSize - 1) / partSize];
        for (var i = 0; i < parts.Length; i++)
        {
            var offset = (long)i * partSize;
            parts[i] = new FilePart(offset, (int)Math.Min(partSize, size - offset));
        }

        return parts;
    }
}
