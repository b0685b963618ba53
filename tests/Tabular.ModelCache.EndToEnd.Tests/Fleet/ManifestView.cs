using System.Text.Json;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>What <c>manifest.json</c> says, read as somebody who knows only its format.</summary>
internal sealed record ManifestView(long Sequence, IReadOnlyDictionary<string, string?> Active, IReadOnlyList<PublishedFile> Files)
{
    /// <summary>The folder of each model's active version, below the root of the bucket.</summary>
    public required IReadOnlyDictionary<string, string> Folders { get; init; }

    public static async Task<ManifestView> ReadAsync(Stream stream)
    {
        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
        var models = document.RootElement.GetProperty("models").EnumerateObject().ToList();
        var versions = models.SelectMany(m => m.Value.GetProperty("versions").EnumerateArray()).ToList();
        var active = models.ToDictionary(m => m.Name, m => m.Value.GetProperty("active").GetString(), StringComparer.Ordinal);
        return new ManifestView(
            document.RootElement.GetProperty("sequence").GetInt64(),
            active,
            [.. versions.SelectMany(v => v.GetProperty("files").EnumerateArray().Select(f => PublishedFile.Read(v, f)))])
        {
            Folders = active.ToDictionary(
                a => a.Key,
                a => versions.Single(v => v.GetProperty("version").GetString() == a.Value).GetProperty("path").GetString()!,
                StringComparer.Ordinal),
        };
    }
}
