using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Brings the files of a resolution into the staging folder of one attempt: from the final folder or the staging of a dead run, by a
/// copy of a kept version's file on the server, or from the source.
/// </summary>
internal sealed class StagedFiles(
    IObjectStore store,
    StagingArea area,
    Leftovers leftovers,
    ManifestEntry? entry,
    PartLimits limits,
    PartBuffers buffers,
    Action throwIfLost,
    Action<long> pulled)
{
    /// <summary>The custom metadata that marks a staged object as verified against this SHA-256.</summary>
    public const string Sha256Key = "sha256";

    private const int MaxReceiptBytes = 1 << 20;

    // A search of all versions for each file of the source would be quadratic: with 50,000 files, the most there may be, billions of comparisons.
    private readonly Lazy<ILookup<(string Sha256, long Size), (string Folder, ManifestFile File)>> _kept = new(() => (entry?.Versions ?? [])
        .SelectMany(version => version.Files.Where(file => !VersionFiles.IsMarker(file.Path)).Select(file => (Folder: version.Path, File: file)))
        .ToLookup(kept => (kept.File.Sha256, kept.File.Size)));

    private long _pulled;
    private long _copied;

    public long BytesPulled => Interlocked.Read(ref _pulled);

    public long BytesCopied => Interlocked.Read(ref _copied);

    /// <returns>The digests of the file, and the generation that it has in the staging folder.</returns>
    public async Task<ManifestFile> StageAsync(SourceFile file, Action<long> progress, CancellationToken cancellationToken)
    {
        if (await TryResumeAsync(file, cancellationToken).ConfigureAwait(false) is { } resumed)
        {
            Count(ref _copied, file.Size, progress);
            return resumed;
        }

        if (await TryCopyAsync(file, cancellationToken).ConfigureAwait(false) is { } copied)
        {
            Count(ref _copied, file.Size, progress);
            return copied;
        }

        if (file.Size > limits.LargestWhole && file.SupportsRanges && Sha256Hex.IsValid(file.Sha256))
        {
            try
            {
                return await PullInPartsAsync(file, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (NotSupportedException) when (!file.SupportsRanges)
            {
                // Its server gives the whole file only.
            }
        }

        return await PullAsync(file, progress, cancellationToken).ConfigureAwait(false);
    }

    private static void Count(ref long counter, long bytes, Action<long> progress)
    {
        Interlocked.Add(ref counter, bytes);
        progress(bytes);
    }

    /// <summary>Takes over a finished file of a dead run, by moving it: what another attempt staged is never used in place.</summary>
    private async Task<ManifestFile?> TryResumeAsync(SourceFile file, CancellationToken cancellationToken)
    {
        if (file.Sha256 is null || !leftovers.Files.TryGetValue(file.Sha256, out var staged) || staged.Object.Size != file.Size)
        {
            return null;
        }

        var found = new ManifestFile { Path = file.Path, Size = file.Size, Sha256 = file.Sha256, Crc32C = staged.Object.Crc32C };
        if (file.Size > limits.RegionSize)
        {
            // Without its region digests a large file could only be hashed in one piece for ever after; it is pulled again instead.
            var path = staged.Area.PathOf(staged.Object.Name)!;
            var receipt = await store.ReadAllAsync(staged.Area.Receipt(path), MaxReceiptBytes, cancellationToken).ConfigureAwait(false);
            if (receipt is null || ManifestJson.TryParseFile(receipt.Bytes) is not { } known || known.Sha256 != file.Sha256 ||
                known.Size != file.Size || known.Crc32C != staged.Object.Crc32C || !HasAllRegions(known))
            {
                return null;
            }

            found = found with { Regions = known.Regions };
            await WriteReceiptAsync(found, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            throwIfLost();
            var moved = await store.MoveAsync(
                staged.Object.Name,
                area.File(file.Path),
                new ObjectTransferOptions
                {
                    Source = new() { IfGenerationMatch = staged.Object.Generation },
                    Destination = ObjectPreconditions.MustNotExist,
                },
                cancellationToken).ConfigureAwait(false);
            return found with { Generation = moved.Generation };
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed)
        {
            // It is gone, or an earlier try of this very move took effect.
            var moved = await store.GetAsync(area.File(file.Path), cancellationToken: cancellationToken).ConfigureAwait(false);
            return moved?.Size == file.Size && moved.Crc32C == found.Crc32C ? found with { Generation = moved.Generation } : null;
        }
    }

    /// <summary>Copies a file that a kept version already has, on the server.</summary>
    private async Task<ManifestFile?> TryCopyAsync(SourceFile file, CancellationToken cancellationToken)
    {
        if (file.Sha256 is null || file.Size == 0)
        {
            return null;
        }

        foreach (var (folder, kept) in _kept.Value[(file.Sha256, file.Size)].Where(k => file.Size <= limits.RegionSize || k.File.Regions is not null))
        {
            try
            {
                throwIfLost();
                var copy = await store.CopyAsync(
                    $"{folder}/{kept.Path}",
                    area.File(file.Path),
                    new ObjectTransferOptions
                    {
                        // The very bytes that were published: a file that was replaced since has another generation.
                        Source = new() { IfGenerationMatch = kept.Generation },
                        Destination = ObjectPreconditions.MustNotExist,
                    },
                    cancellationToken).ConfigureAwait(false);
                return copy.Crc32C == kept.Crc32C && copy.Size == kept.Size
                    ? new ManifestFile
                    {
                        Path = file.Path,
                        Size = kept.Size,
                        Sha256 = kept.Sha256,
                        Crc32C = kept.Crc32C,
                        Regions = kept.Regions,
                        Generation = copy.Generation,
                    }
                    : throw new ModelCacheException($"The copy of {folder}/{kept.Path} in {store.DisplayName} differs from it.");
            }
            catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed)
            {
                // Damaged or gone: the source has it too.
            }
        }

        return null;
    }

    private async Task<ManifestFile> PullAsync(SourceFile file, Action<long> progress, CancellationToken cancellationToken)
    {
        throwIfLost();
        var source = await file.OpenReadAsync(cancellationToken).ConfigureAwait(false);
        var stream = new VerifyingStream(
            file,
            limits.RegionSize,
            source,
            count => CountPulled(count, progress),
            async found =>
            {
                if (found.Regions is not null)
                {
                    await WriteReceiptAsync(found, cancellationToken).ConfigureAwait(false);
                }

                throwIfLost();
            });
        await using (stream.ConfigureAwait(false))
        {
            var options = new ObjectWriteOptions
            {
                Preconditions = ObjectPreconditions.MustNotExist,
                Length = file.Size,
                Metadata = file.Sha256 is null ? null : Mark(file.Sha256),
            };
            var written = await store.WriteAsync(area.File(file.Path), stream, options, cancellationToken).ConfigureAwait(false);
            var found = stream.Result ??
                throw new InvalidOperationException($"{store.GetType().Name} created '{file.Path}' without reading its content to the end.");
            return Check(found, written);
        }
    }

    private async Task<ManifestFile> PullInPartsAsync(SourceFile file, Action<long> progress, CancellationToken cancellationToken)
    {
        for (var resumes = true; ; resumes = false)
        {
            var done = 0L;
            using var pull = new LargeFilePull(store, area, resumes ? leftovers.Parts : [], limits, buffers, throwIfLost, file, Take, cancellationToken);
            await pull.RunAsync().ConfigureAwait(false);
            ManifestFile found;
            try
            {
                found = pull.Finish();
            }
            catch (ModelCacheException)
            {
                // Parts of another file must not be taken over again. If some were, the source may be as good as it says.
                await TryDeleteAsync(pull.Uploaded, cancellationToken).ConfigureAwait(false);
                if (!pull.HasResumed)
                {
                    throw;
                }

                progress(-done);
                continue;
            }

            if (found.Regions is not null)
            {
                await WriteReceiptAsync(found, cancellationToken).ConfigureAwait(false);
            }

            var joined = await new PartJoiner(store, area, throwIfLost).JoinAsync(found, [.. pull.Uploaded], Mark(found.Sha256), cancellationToken)
                .ConfigureAwait(false);
            return Check(found, joined);

            void Take(int count, bool fromSource)
            {
                Interlocked.Add(ref done, count);
                if (fromSource)
                {
                    CountPulled(count, progress);
                }
                else
                {
                    Count(ref _copied, count, progress);
                }
            }
        }
    }

    private void CountPulled(long count, Action<long> progress)
    {
        pulled(count);
        Count(ref _pulled, count, progress);
    }

    private async Task TryDeleteAsync(IEnumerable<StoredObject> parts, CancellationToken cancellationToken)
    {
        try
        {
            await VersionFolder.DeleteAsync(store, parts, throwIfLost, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStoreException)
        {
            // The next run finds them, finds them wrong, and deletes them; what is wrong with the file is what has to be told.
        }
    }

    private static Dictionary<string, string> Mark(string sha256) => new(StringComparer.Ordinal) { [Sha256Key] = sha256 };

    private ManifestFile Check(ManifestFile found, StoredObject written) =>
        written.Size == found.Size && written.Crc32C == found.Crc32C
            ? found with { Generation = written.Generation }
            : throw new ModelCacheException(
                $"{store.DisplayName} stored other bytes of '{found.Path}' than were sent: expected crc32c {found.Crc32C:x8}, found {written.Crc32C:x8}.");

    private bool HasAllRegions(ManifestFile file) =>
        file.Regions is { } regions && regions.Size == limits.RegionSize &&
        regions.Sha256.Count == FileRegions.CountFor(file.Size, regions.Size) && regions.Sha256.All(Sha256Hex.IsValid);

    private async Task WriteReceiptAsync(ManifestFile file, CancellationToken cancellationToken)
    {
        throwIfLost();
        await store.WriteOnceAsync(area.Receipt(file.Path), ManifestJson.SerializeFile(file), "application/json", cancellationToken).ConfigureAwait(false);
    }
}
