using System.Globalization;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>The names below <c>.tmp/model/</c>: a folder per attempt, and in it files, parts and receipts of large files, and the record of the version.</summary>
internal sealed record StagingArea(string Model, Attempt Attempt)
{
    private const string FilesFolder = "files/";
    private const string ReceiptsFolder = "receipts/";
    private const string PartsFolder = "parts/";
    private const string RecordName = "version.json";

    public string Prefix => $"{PrefixOf(Model)}{Attempt}/";

    public string Record => Prefix + RecordName;

    public static string PrefixOf(string model) => $".tmp/{model}/";

    public string File(string path) => Prefix + FilesFolder + path;

    /// <summary>The receipt of a staged file: its digests, which its object's metadata could not hold, written before the object.</summary>
    public string Receipt(string path) => Prefix + ReceiptsFolder + path + ".json";

    /// <summary>A part of a large file, which is known by the digest that the whole must have.</summary>
    public string Part(string sha256, long offset) => $"{Prefix}{PartsFolder}{sha256}/{offset}";

    /// <summary>Several parts joined, on the way to the whole.</summary>
    public string Join(string sha256, int stage, int index) => $"{Prefix}{PartsFolder}{sha256}/join-{stage}-{index}";

    /// <summary>The digest and the offset in the name of a part; <see langword="null"/> for anything else.</summary>
    public (string Sha256, long Offset)? PartOf(string name)
    {
        var folder = Prefix + PartsFolder;
        return name.StartsWith(folder, StringComparison.Ordinal) && name[folder.Length..].Split('/') is [var sha256, var offset] &&
            Sha256Hex.IsValid(sha256) && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                ? (sha256, at)
                : null;
    }

    /// <summary>Reads the attempt out of the name of a staged object.</summary>
    public static StagingArea? Of(string model, string name)
    {
        var prefix = PrefixOf(model);
        var end = name.StartsWith(prefix, StringComparison.Ordinal) ? name.IndexOf('/', prefix.Length) : -1;
        return end > 0 && Attempt.TryParse(name[prefix.Length..end]) is { } attempt ? new StagingArea(model, attempt) : null;
    }

    /// <summary>The path of a staged file; <see langword="null"/> for a receipt or a record.</summary>
    public string? PathOf(string name)
    {
        var files = Prefix + FilesFolder;
        return name.StartsWith(files, StringComparison.Ordinal) ? name[files.Length..] : null;
    }
}
