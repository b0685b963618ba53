using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Writes the empty objects by which a gcsfuse mount without <c>implicit-dirs</c> knows folders
/// (<see href="https://cloud.google.com/storage/docs/cloud-storage-fuse/files-and-directories"/>).
/// </summary>
internal sealed class FolderObjects(IObjectStore store, bool isEnabled)
{
    private const int MostParallel = 8;

    /// <summary>Makes every folder of a version visible; one that has its object already is left as it is.</summary>
    public async Task WriteAsync(ManifestVersion version, Action throwIfLost, CancellationToken cancellationToken)
    {
        if (!isEnabled)
        {
            return;
        }

        await Concurrent.ForEachAsync(
            NamesOf(version),
            MostParallel,
            async (name, token) =>
            {
                throwIfLost();
                try
                {
                    await store.WriteBytesAsync(
                        name,
                        [],
                        new ObjectWriteOptions { Preconditions = ObjectPreconditions.MustNotExist, ContentType = "application/x-directory", Length = 0 },
                        token).ConfigureAwait(false);
                }
                catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
                {
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static SortedSet<string> NamesOf(ManifestVersion version)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in version.Files)
        {
            var path = $"{version.Path}/{file.Path}";
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                names.Add(path[..(slash + 1)]);
            }
        }

        return names;
    }
}
