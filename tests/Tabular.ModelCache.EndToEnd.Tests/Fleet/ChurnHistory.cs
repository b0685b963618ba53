using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>Which versions were active or pinned when, as somebody saw who read the manifest, and with that which of them must be readable.</summary>
internal sealed class ChurnHistory(CloudBucket bucket, TimeSpan grace)
{
    // The manifest tells a retirement in whole seconds, and the store's clock is asked by requests.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Entry> _versions = new(StringComparer.Ordinal);
    private int _reads;

    /// <summary>How many versions were read completely.</summary>
    public int Reads => _reads;

    public int Versions => _versions.Count;

    /// <summary>The names of the kept versions of a model now.</summary>
    public async Task<IReadOnlyList<string>> LookAsync(string model)
    {
        var now = Stopwatch.GetTimestamp();
        var content = await bucket.Store.OpenReadAsync("manifest.json", cancellationToken: TestContext.Current.CancellationToken);
        await using var owner = content!;
        using var manifest = await JsonDocument.ParseAsync(content!.Stream, cancellationToken: TestContext.Current.CancellationToken);
        foreach (var entry in manifest.RootElement.GetProperty("models").EnumerateObject().Select(m => m.Value))
        {
            var pins = entry.GetProperty("pins").EnumerateArray().Select(p => p.GetString()).ToList();
            var active = entry.GetProperty("active").GetString();
            foreach (var version in entry.GetProperty("versions").EnumerateArray())
            {
                var name = version.GetProperty("version").GetString()!;
                if (name == active || pins.Contains(name))
                {
                    PublishedFile[] files = [.. version.GetProperty("files").EnumerateArray().Select(f => PublishedFile.Read(version, f))];

                    // The same name with other generations is a version that was deleted and published again.
                    _versions[name] = new Entry(files, now);
                }
            }
        }

        return [.. manifest.RootElement.GetProperty("models").GetProperty(model).GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetString()!)];
    }

    /// <summary>Reads a version from the bucket's folder, which must succeed when it was active within the grace period.</summary>
    /// <returns>Whether it was bound to be there.</returns>
    public bool Read(string version)
    {
        if (!_versions.TryGetValue(version, out var seen))
        {
            return false;
        }

        string? problem = null;
        try
        {
            problem = seen.Files.Select(FindDifference).FirstOrDefault(difference => difference is not null);
        }
        catch (IOException e)
        {
            problem = e.Message;
        }

        // Counted from before the look at the manifest, and checked after the reading: a late failure proves nothing.
        if (Stopwatch.GetElapsedTime(seen.SeenAt) >= grace - Margin)
        {
            return false;
        }

        problem.Should().BeNull("{0} was active {1} ago", version, Stopwatch.GetElapsedTime(seen.SeenAt));
        Interlocked.Increment(ref _reads);
        return true;
    }

    /// <summary>Reads every version that must be there.</summary>
    public void ReadAll()
    {
        foreach (var version in _versions.Keys)
        {
            Read(version);
        }
    }

    private string? FindDifference(PublishedFile file)
    {
        var bytes = File.ReadAllBytes(Path.Join(bucket.Folder, file.Name));
        return bytes.Length == file.Size && Convert.ToHexStringLower(SHA256.HashData(bytes)) == file.Sha256 ? null : $"{file.Name} has other bytes";
    }

    private sealed record Entry(IReadOnlyList<PublishedFile> Files, long SeenAt);
}
