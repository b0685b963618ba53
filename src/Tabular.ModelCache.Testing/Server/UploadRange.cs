using System.Globalization;

namespace Tabular.ModelCache.Testing;

/// <summary>A <c>Content-Range</c> of a resumable upload: <c>bytes 0-524287/*</c>, <c>bytes */1000</c>, or none for everything at once.</summary>
/// <param name="First">The first byte; <see langword="null"/> where the request asks for the status.</param>
/// <param name="Last">The last byte; <see langword="null"/> where it is the end of the body.</param>
/// <param name="Total">The length of the object, where it is known.</param>
internal sealed record UploadRange(long? First, long? Last, long? Total)
{
    public bool IsQuery => First is null;

    /// <exception cref="FormatException">The header is none of an upload.</exception>
    public static UploadRange Parse(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return new(0, null, null);
        }

        var parts = header.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase) ? header["bytes ".Length..].Split('/') : [];
        if (parts.Length != 2)
        {
            throw Bad(header);
        }

        var total = parts[1] == "*" ? (long?)null : Number(parts[1], header);
        if (parts[0] == "*")
        {
            return new(null, null, total);
        }

        var ends = parts[0].Split('-');
        if (ends.Length != 2)
        {
            throw Bad(header);
        }

        var range = new UploadRange(Number(ends[0], header), Number(ends[1], header), total);
        return range.Last < range.First || range.Last >= total ? throw Bad(header) : range;
    }

    private static long Number(string text, string header) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Bad(header);

    private static FormatException Bad(string header) => new($"Invalid Content-Range: '{header}'");
}
