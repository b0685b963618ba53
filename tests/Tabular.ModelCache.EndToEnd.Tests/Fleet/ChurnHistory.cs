using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>Which versions were active when, and which are pinned, as somebody saw who read the manifest: with that, which must be readable.</summary>
internal sealed class ChurnHistory(CloudBucket bucket, TimeSpan grace)
{
    // The manifest tells a retirement in whole seconds, and the store's clock is asked by requests.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Entry> _versions = new(StringComparer.Ordinal);
    private volatile Dictionary<string, IReadOnlyList<PublishedFile>> _pinned = [];
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
        var pinned = new Dictionary<string, IReadOnlyList<PublishedFile>>(StringComparer.Ordinal);
        foreach (var entry in manifest.RootElement.GetProperty("models").EnumerateObject().Select(m => m.Value))
        {
            var pins = entry.GetProperty("pins").EnumerateArray().Select(p => p.GetString()).ToList();
            var active = entry.GetProperty("active").GetString();
            foreach (var version in entry.GetProperty("versions").EnumerateArray())
            {
                var name = version.GetProperty("version").GetString()!;
                PublishedFile[] files = [.. version.GetProperty("files").EnumerateArray().Select(f => PublishedFile.Read(version, f))];
                if (name == active)
                {
                    // The same name with other generations is a version that was deleted and published again.
                    _versions.AddOrUpdate(name, new Entry(files, now), (_, other) => other.SeenAt > now ? other : new Entry(files, now));
                }

                if (pins.Contains(name))
                {
                    pinned[name] = files;
                }
            }
        }

        _pinned = pinned;

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

        var problem = FindProblem(seen.Files);

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
    /// <param name="model">Any model.</param>
    public async Task ReadAllAsync(string model)
    {
        await LookAsync(model);
        foreach (var version in _versions.Keys)
        {
            Read(version);
        }

        // A pin holds only until it is taken away: what is pinned before the reading and after it was pinned meanwhile.
        var pinned = _pinned;
        var problems = pinned.ToDictionary(p => p.Key, p => FindProblem(p.Value));
        await LookAsync(model);
        foreach (var (version, problem) in problems.Where(p => _pinned.ContainsKey(p.Key)))
        {
            problem.Should().BeNull("{0} is pinned", version);
            Interlocked.Increment(ref _reads);
        }
    }

    private string? FindProblem(IReadOnlyList<PublishedFile> files)
    {
        try
        {
            return files.Select(FindDifference).FirstOrDefault(difference => difference is not null);
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private string? FindDifference(PublishedFile file)
    {
        var bytes = File.ReadAllBytes(Path.Join(bucket.Folder, file.Name));
        return bytes.Length == file.Size && Convert.ToHexStringLower(SHA256.HashData(bytes)) == file.Sha256 ? null : $"{file.Name} has other bytes";
    }

    private sealed record Entry(IReadOnlyList<PublishedFile> Files, long SeenAt);
}
