using Tabular.ModelCache.Leases;

namespace Tabular.ModelCache.Publishing;

/// <summary>The names below <c>.tmp/model/</c>: a folder per attempt, and in it files, receipts of large files, and the record of the version.</summary>
internal sealed record StagingArea(string Model, Attempt Attempt)
{
    private const string FilesFolder = "files/";
    private const string ReceiptsFolder = "receipts/";
    private const string RecordName = "version.json";

    public string Prefix => $"{PrefixOf(Model)}{Attempt}/";

    public string Record => Prefix + RecordName;

    public static string PrefixOf(string model) => $".tmp/{model}/";

    public string File(string path) => Prefix + FilesFolder + path;

    /// <summary>The receipt of a staged file: its digests, which its object's metadata could not hold, written before the object.</summary>
    public string Receipt(string path) => Prefix + ReceiptsFolder + path + ".json";

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
