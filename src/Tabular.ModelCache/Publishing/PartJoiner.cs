using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>Joins the uploaded parts of one file on the server, in stages where there are more than can be joined at once.</summary>
internal sealed class PartJoiner(IObjectStore store, StagingArea area, Action throwIfLost)
{
    private const int MostParallel = 4;

    /// <summary>Makes the staged file out of its parts.</summary>
    /// <param name="file">What the parts together must be.</param>
    /// <param name="parts">The uploaded parts, in order.</param>
    /// <param name="metadata">The custom metadata of the file.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    public async Task<StoredObject> JoinAsync(
        ManifestFile file, IReadOnlyList<StoredObject> parts, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        for (var stage = 1; parts.Count > ComposeSource.MaxCount; stage++)
        {
            var groups = parts.Chunk(ComposeSource.MaxCount).ToArray();
            var joined = new StoredObject[groups.Length];
            var at = stage;
            await Concurrent.ForEachAsync(
                Enumerable.Range(0, groups.Length),
                MostParallel,
                async (i, token) => joined[i] = await JoinAsync(groups[i], area.Join(file.Sha256, at, i), null, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            parts = joined;
        }

        return await JoinAsync(parts, area.File(file.Path), metadata, cancellationToken).ConfigureAwait(false);
    }

    private async Task<StoredObject> JoinAsync(
        IReadOnlyList<StoredObject> parts, string name, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancellationToken)
    {
        throwIfLost();
        return await store.ComposeAsync(
            [.. parts.Select(p => new ComposeSource(p.Name, p.Generation))],
            name,
            new ObjectWriteOptions
            {
                Preconditions = ObjectPreconditions.MustNotExist,
                Length = parts.Sum(p => p.Size),
                Crc32C = Crc32C.Combine(parts.Select(p => (p.Crc32C, p.Size))),
                Metadata = metadata,
            },
            cancellationToken).ConfigureAwait(false);
    }
}
