using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>The folder of one version in the store while it is being made, found or deleted.</summary>
internal sealed class VersionFolder(IObjectStore store, string path)
{
    private const int MostParallel = 8;
    private const int MaxDoneBytes = 256;

    public string Path { get; } = path;

    public static byte[] DoneContent(string checksums) => Encoding.ASCII.GetBytes(checksums + "\n");

    /// <summary>All objects of the folder, by their path in it.</summary>
    public async Task<Dictionary<string, StoredObject>> ListAsync(CancellationToken cancellationToken)
    {
        var prefix = Path + "/";
        var found = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        await foreach (var item in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            found[item.Name[prefix.Length..]] = item;
        }

        return found;
    }

    /// <summary>Whether <c>.done</c> is there and names these checksums.</summary>
    public async Task<bool> IsDoneAsync(string checksums, CancellationToken cancellationToken)
    {
        var done = await store.ReadAllAsync($"{Path}/{VersionFiles.Done}", MaxDoneBytes, cancellationToken).ConfigureAwait(false);
        return done is not null && Encoding.ASCII.GetString(done.Bytes).TrimEnd('\n') == checksums;
    }

    /// <summary>Moves the staged files to where readers look, in their order; what is there already with the same bytes is done.</summary>
    /// <param name="area">Where the files are staged.</param>
    /// <param name="files">The files, with the generations of their staged objects.</param>
    /// <param name="throwIfLost">Throws when the lease is lost.</param>
    /// <param name="cancellationToken">Cancels the moves.</param>
    /// <exception cref="ModelCacheException">A file is there with other bytes, or a staged file is gone.</exception>
    public async Task PromoteAsync(
        StagingArea area, IReadOnlyList<ManifestFile> files, Action throwIfLost, CancellationToken cancellationToken)
    {
        // The last file is what refers to the others (an Ollama manifest), so it waits for them.
        var first = files.Take(Math.Max(0, files.Count - 1));
        await Concurrent.ForEachAsync(first, MostParallel, (file, token) => MoveAsync(area, file, throwIfLost, token), cancellationToken)
            .ConfigureAwait(false);
        if (files.Count > 0)
        {
            await MoveAsync(area, files[^1], throwIfLost, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the markers, <c>.done</c> last, when all files are there.</summary>
    /// <returns>The files of the version with their generations, markers included.</returns>
    /// <exception cref="ModelCacheException">A file is missing or has other bytes.</exception>
    public async Task<IReadOnlyList<ManifestFile>> FinishAsync(
        IReadOnlyList<ManifestFile> files,
        byte[] checksums,
        string checksumsDigest,
        Func<StoredObject?, Task<ManifestFile?>> sign,
        Action throwIfLost,
        CancellationToken cancellationToken)
    {
        throwIfLost();
        await store.WriteOnceAsync($"{Path}/{VersionFiles.Checksums}", checksums, "text/plain; charset=utf-8", cancellationToken).ConfigureAwait(false);

        var found = await ListAsync(cancellationToken).ConfigureAwait(false);
        if (FindDifference(files, found) is { } difference)
        {
            throw new ModelCacheException($"{store.DisplayName}/{Path} is not complete after promoting: {difference}; run the sync again.");
        }

        throwIfLost();
        var signature = await sign(found.GetValueOrDefault(VersionFiles.Signature)).ConfigureAwait(false);
        throwIfLost();
        var done = await store.WriteOnceAsync(
            $"{Path}/{VersionFiles.Done}", DoneContent(checksumsDigest), "text/plain; charset=utf-8", cancellationToken).ConfigureAwait(false);
        found[VersionFiles.Done] = done;
        var all = WithGenerations(files, found, checksumsDigest);
        return signature is null ? all : [.. all, signature];
    }

    /// <summary>What of the expected files is missing or different; <see langword="null"/> when nothing is.</summary>
    public static string? FindDifference(IEnumerable<ManifestFile> files, IReadOnlyDictionary<string, StoredObject> found)
    {
        foreach (var file in files.Where(f => !VersionFiles.IsMarker(f.Path)))
        {
            if (!found.TryGetValue(file.Path, out var item))
            {
                return $"'{file.Path}' is missing";
            }

            if (item.Size != file.Size || item.Crc32C != file.Crc32C)
            {
                return $"'{file.Path}' has {item.Size} bytes and crc32c {item.Crc32C:x8}, expected are {file.Size} and {file.Crc32C:x8}";
            }
        }

        return null;
    }

    public static IReadOnlyList<ManifestFile> WithGenerations(
        IEnumerable<ManifestFile> files, IReadOnlyDictionary<string, StoredObject> found, string checksums)
    {
        var all = files.Where(f => !VersionFiles.IsMarker(f.Path)).Select(f => f with { Generation = found[f.Path].Generation }).ToList();
        all.Add(Marker(VersionFiles.Checksums, checksums));
        all.Add(Marker(VersionFiles.Done, Sha256Hex.Of(DoneContent(checksums))));
        return all;

        ManifestFile Marker(string path, string sha256) => new()
        {
            Path = path,
            Size = found[path].Size,
            Sha256 = sha256,
            Crc32C = found[path].Crc32C,
            Generation = found[path].Generation,
        };
    }

    /// <summary>Deletes all objects, <c>.done</c> first, each only in the generation that was listed.</summary>
    /// <param name="throwUnlessDoomed">
    /// Throws unless the version is still being deleted. It is asked after the listing: a version of the same name that was published
    /// since has objects of other generations, and a holder that was paused before the listing is stopped here.
    /// </param>
    /// <param name="throwIfLost">Throws when the lease is lost.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Whether the folder was empty already.</returns>
    public async Task<bool> DeleteAsync(Func<Task> throwUnlessDoomed, Action throwIfLost, CancellationToken cancellationToken)
    {
        var found = await ListAsync(cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
        {
            return true;
        }

        await throwUnlessDoomed().ConfigureAwait(false);
        if (found.Remove(VersionFiles.Done, out var done))
        {
            await DeleteAsync(store, [done], throwIfLost, cancellationToken).ConfigureAwait(false);
        }

        await DeleteAsync(store, found.Values, throwIfLost, cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Deletes objects, each only in the generation that was listed; what is gone or was replaced since is left alone.</summary>
    public static Task DeleteAsync(
        IObjectStore store, IEnumerable<StoredObject> objects, Action throwIfLost, CancellationToken cancellationToken) =>
        Concurrent.ForEachAsync(
            objects,
            MostParallel,
            async (item, token) =>
            {
                throwIfLost();
                try
                {
                    await store.DeleteAsync(
                        item.Name,
                        new ObjectDeleteOptions
                        {
                            // With the generation, so that nothing noncurrent stays billed in a bucket with versioning.
                            Generation = item.Generation,
                            Preconditions = new() { IfGenerationMatch = item.Generation },
                        },
                        token).ConfigureAwait(false);
                }
                catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed)
                {
                }
            },
            cancellationToken);

    private async Task MoveAsync(StagingArea area, ManifestFile file, Action throwIfLost, CancellationToken cancellationToken)
    {
        throwIfLost();
        var destination = $"{Path}/{file.Path}";
        try
        {
            // Without a generation it was not staged, because a dead run had moved it here already.
            if (file.Generation != 0)
            {
                await store.MoveAsync(
                    area.File(file.Path),
                    destination,
                    new ObjectTransferOptions
                    {
                        Source = new() { IfGenerationMatch = file.Generation },
                        Destination = ObjectPreconditions.MustNotExist,
                    },
                    cancellationToken).ConfigureAwait(false);
                return;
            }
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed)
        {
            // An earlier try took effect, or another attempt was here; the bytes decide.
        }

        var found = await store.GetAsync(destination, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (found?.Size != file.Size || found.Crc32C != file.Crc32C)
        {
            throw new ModelCacheException(
                $"{store.DisplayName}/{destination} could not be promoted: expected {file.Size} bytes with crc32c {file.Crc32C:x8}, found " +
                $"{(found is null ? "nothing" : $"{found.Size} bytes with crc32c {found.Crc32C:x8}")}; run the sync again.");
        }
    }
}
