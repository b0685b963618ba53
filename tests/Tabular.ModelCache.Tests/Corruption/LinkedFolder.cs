using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>The published directory, and one link that is put into it.</summary>
internal sealed class LinkedFolder(PublishedBuckets buckets)
{
    private readonly Manifest _manifest = ManifestJson.Parse(buckets.Folder.Newest, VersionFiles.Manifest);
    private readonly string _elsewhere = buckets.Root + ".elsewhere";
    private string? _link;
    private bool _isMoved;

    public string PickVersion(Random random) => Active(random).Path;

    public string PickFile(Random random)
    {
        var version = Active(random);
        return $"{version.Path}/{version.Files[random.Next(version.Files.Count)].Path}";
    }

    /// <summary>Picks a file that has a folder between it and that of its version.</summary>
    public string PickDeepFile(Random random)
    {
        var version = Active(random);
        var deep = version.Files.Where(f => f.Path.Contains('/', StringComparison.Ordinal)).ToList();
        return $"{version.Path}/{deep[random.Next(deep.Count)].Path}";
    }

    /// <summary>Moves what is there out of the directory, and puts a link in its place.</summary>
    public string Replace(string name, string? target = null)
    {
        _link = Path.Join(buckets.Root, name);
        Move(_link, _elsewhere);
        _isMoved = true;
        File.CreateSymbolicLink(_link, target ?? _elsewhere);
        return name;
    }

    /// <summary>Adds a link to a folder of the directory.</summary>
    public string Add(string folder, string target)
    {
        _link = Path.Join(buckets.Root, folder, "more");
        File.CreateSymbolicLink(_link, Path.Join(buckets.Root, target));
        return $"{folder}/more";
    }

    public void Undo()
    {
        File.Delete(_link!);
        if (_isMoved)
        {
            Move(_elsewhere, _link!);
        }
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to);
        }
    }

    private ManifestVersion Active(Random random) => _manifest.Models.Values.ElementAt(random.Next(_manifest.Models.Count)).ActiveVersion!;
}
