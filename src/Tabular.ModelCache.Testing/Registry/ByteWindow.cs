using System.Net.Http.Headers;

namespace Tabular.ModelCache.Testing;

/// <summary>The part of a file that a request gets.</summary>
/// <param name="Status">200 for the whole, 206 for a part, 416 for none.</param>
/// <param name="Start">The first byte.</param>
/// <param name="Count">How many bytes.</param>
internal readonly record struct ByteWindow(int Status, long Start, long Count)
{
    /// <summary>Reads a <c>Range</c> header; what is not understood, and several ranges at once, give the whole, as RFC 9110 (14.2) allows.</summary>
    public static ByteWindow From(string? range, long size)
    {
        var whole = new ByteWindow(200, 0, size);
        if (range is null || !RangeHeaderValue.TryParse(range, out var parsed) || parsed is not { Unit: "bytes", Ranges.Count: 1 })
        {
            return whole;
        }

        var item = parsed.Ranges.Single();
        if (item.From is not { } from)
        {
            var suffix = Math.Min(item.To!.Value, size);
            return suffix == 0 ? new(416, 0, 0) : new(206, size - suffix, suffix);
        }

        return from >= size ? new(416, 0, 0) : new(206, from, Math.Min(item.To ?? long.MaxValue - 1, size - 1) - from + 1);
    }
}
