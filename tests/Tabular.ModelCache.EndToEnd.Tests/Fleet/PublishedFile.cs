using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>One file of a version in the manifest.</summary>
/// <param name="Name">The name of its object: the folder of its version and its path in it.</param>
internal sealed record PublishedFile(string Name, long Size, string Sha256, long Generation)
{
    public static PublishedFile Read(JsonElement version, JsonElement file) => new(
        $"{version.GetProperty("path").GetString()}/{file.GetProperty("path").GetString()}",
        file.GetProperty("size").GetInt64(),
        file.GetProperty("sha256").GetString()!,
        // A string: it may have more digits than a number of JSON is sure to keep.
        long.Parse(file.GetProperty("generation").GetString()!, CultureInfo.InvariantCulture));

    /// <summary>Fails unless a mount shows the very bytes that the manifest promises.</summary>
    public void ShouldBeShownBy(string mount)
    {
        using var stream = File.OpenRead(Path.Join(mount, Name));
        stream.Length.Should().Be(Size, Name);
        Convert.ToHexStringLower(SHA256.HashData(stream)).Should().Be(Sha256, Name);
    }
}
