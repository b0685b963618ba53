using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>What attempts of older epochs left in the staging folder of a model: resumable first, garbage afterwards.</summary>
internal sealed class Leftovers
{
    private const int MaxRecordBytes = ManifestJson.MaxBytes;

    private readonly IObjectStore _store;
    private readonly string _kind;

    private Leftovers(IObjectStore store, string kind)
    {
        _store = store;
        _kind = kind;
    }

    /// <summary>All objects of older attempts.</summary>
    public List<StoredObject> Objects { get; } = [];

    /// <summary>Staged files that carry the digest they were verified against, by that digest.</summary>
    public Dictionary<string, (StagingArea Area, StoredObject Object)> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Uploaded parts of large files, by the digest that the whole must have and their offset in it.</summary>
    public Dictionary<(string Sha256, long Offset), StoredObject> Parts { get; } = [];

    /// <summary>The versions that those attempts were about to make.</summary>
    public List<ManifestVersion> Versions { get; } = [];

    public static async Task<Leftovers> ReadAsync(
        IObjectStore store, string model, string kind, Attempt own, CancellationToken cancellationToken)
    {
        var leftovers = new Leftovers(store, kind);
        var records = new List<string>();
        await foreach (var item in store.ListAsync(StagingArea.PrefixOf(model), cancellationToken).ConfigureAwait(false))
        {
            // A higher epoch belongs to a successor: this attempt has lost its lease and will learn of it.
            if (StagingArea.Of(model, item.Name) is not { } area || area.Attempt.Epoch >= own.Epoch)
            {
                continue;
            }

            leftovers.Objects.Add(item);
            if (area.PathOf(item.Name) is not null)
            {
                if (item.Metadata.TryGetValue(StagedFiles.Sha256Key, out var sha256) && Sha256Hex.IsValid(sha256))
                {
                    leftovers.Files[sha256] = (area, item);
                }
            }
            else if (area.PartOf(item.Name) is { } part)
            {
                leftovers.Parts[part] = item;
            }
            else if (item.Name == area.Record)
            {
                records.Add(item.Name);
            }
        }

        foreach (var name in records)
        {
            await leftovers.ReadRecordAsync(model, name, cancellationToken).ConfigureAwait(false);
        }

        return leftovers;
    }

    private async Task ReadRecordAsync(string model, string name, CancellationToken cancellationToken)
    {
        var read = await _store.ReadAllAsync(name, MaxRecordBytes, cancellationToken).ConfigureAwait(false);
        if (read is not null && ManifestJson.TryParseRecord(read.Bytes)?.Version is { } version &&
            ManifestRules.FindProblem(model, _kind, version) is null)
        {
            Versions.Add(version);
        }
    }
}
