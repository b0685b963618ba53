using System.Text.Json;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources.Http;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>Collects the pages of a repository's listing, and refuses what could not be published or proven.</summary>
internal sealed class HubTree(string repository)
{
    private const int MostEntries = 100_000;

    private readonly List<HubEntry> _files = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private int _entries;

    public IReadOnlyList<HubEntry> Files => _files;

    /// <summary>Takes one page.</summary>
    /// <exception cref="ModelCacheException">The page is not a listing, or names a file as no file may be named.</exception>
    public void Add(ReadOnlySpan<byte> page)
    {
        HubTreeItem?[]? items;
        try
        {
            items = HubJson.ParseTree(page);
        }
        catch (JsonException e)
        {
            throw new ModelCacheException($"The listing of the Hugging Face repository '{repository}' is not what the Hub's interface promises: {SourceErrors.Printable(e.Message)}", e);
        }

        _entries += items?.Length ?? 0;
        if (_entries > MostEntries)
        {
            throw new ModelCacheException($"The Hugging Face repository '{repository}' has more than {MostEntries} entries; a model has fewer.");
        }

        foreach (var item in items ?? [])
        {
            if (item is null)
            {
                throw new ModelCacheException($"The listing of the Hugging Face repository '{repository}' has an entry that is null.");
            }

            if (item.Type == "file")
            {
                Add(item);
            }
        }
    }

    private void Add(HubTreeItem item)
    {
        if (ObjectName.FindProblem(item.Path) is { } problem)
        {
            throw Refuse(item.Path, problem);
        }

        if (!_paths.Add(item.Path))
        {
            throw Refuse(item.Path, "is listed twice");
        }

        if (item.Lfs is { } lfs ? lfs.Size < 0 || !Sha256Hex.IsValid(lfs.Oid) : item.Size is null or < 0 || !HubCommit.IsValid(item.Oid))
        {
            throw Refuse(item.Path, "has no valid size and digest in the listing, so that it could not be proven");
        }

        _files.Add(new HubEntry(item.Path, item.Lfs?.Size ?? item.Size!.Value, item.Oid ?? "", item.Lfs?.Oid));
    }

    private ModelCacheException Refuse(string? path, string problem)
    {
        var printable = string.Concat((path ?? "").Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return new ModelCacheException($"The Hugging Face repository '{repository}' cannot be used: its file '{printable}' {problem}.");
    }
}
