namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Changes objects. Between any two steps a kill leaves either the old state or the new one.</summary>
/// <remarks>
/// A write: the new metadata lies beside the old one as <c>.next</c>; the content is renamed into place, which is the change; <c>.next</c>
/// becomes the metadata. A <c>.next</c> belongs to the object exactly if it describes the file that is in place, and is void otherwise.
/// </remarks>
internal sealed class DirectoryWriter(
    StoreLayout layout,
    SidecarFiles sidecars,
    DirectoryReader reader,
    ShardLocks locks,
    StagingArea staging,
    TimeProvider timeProvider,
    DirectoryObjectStoreOptions options)
{
    private readonly ObjectFolders _folders = new(layout);
    private long _lastGeneration;

    public async Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions request, CancellationToken cancellationToken)
    {
        using var staged = await staging.StageAsync(name, content, request.Length, () => ReserveGeneration(0), cancellationToken).ConfigureAwait(false);
        if (request.Crc32C is { } expected && expected != staged.Crc32C)
        {
            throw ObjectStoreErrors.WrongCrc32C(name, expected, staged.Crc32C);
        }

        var template = new StoredObject
        {
            Name = name,
            Generation = staged.Generation,
            Metageneration = 1,
            Size = staged.Size,
            Crc32C = staged.Crc32C,
            ContentType = request.ContentType,
            CacheControl = request.CacheControl,
            Metadata = MetadataMerge.Copy(request.Metadata),
        };
        return await CommitAsync(staged, template, request.Preconditions, cancellationToken).ConfigureAwait(false);
    }

    public async Task<StoredObject> CopyAsync(string source, string destination, ObjectTransferOptions request, CancellationToken cancellationToken)
    {
        var target = reader.Find(destination);
        var opened = await reader.OpenAsync(source, cancellationToken).ConfigureAwait(false);
        using var handle = opened?.Handle;
        request.Source.Verify(source, opened?.Item.Generation ?? 0, opened?.Item.Metageneration ?? 0);
        if (opened is not var (item, file))
        {
            throw ObjectStoreErrors.NotFound(source, layout.Root);
        }

        request.Destination.Verify(destination, target?.Generation ?? 0, target?.Metageneration ?? 0);

        // The stream checks the CRC32C, so that damage of the source is found and not copied.
        var content = new ObjectFileStream(file, item, 0, item.Size);
        await using (content.ConfigureAwait(false))
        {
            using var staged = await staging.StageAsync(destination, content, item.Size, () => ReserveGeneration(0), cancellationToken).ConfigureAwait(false);
            return await CommitAsync(staged, item with { Name = destination }, request.Destination, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<StoredObject> PatchAsync(
        string name,
        IReadOnlyDictionary<string, string?> changes,
        ObjectPreconditions preconditions,
        CancellationToken cancellationToken)
    {
        await RememberChecksumAsync(name, cancellationToken).ConfigureAwait(false);
        using var held = await locks.AcquireAsync(cancellationToken, name).ConfigureAwait(false);
        var live = await RequireAsync(name, preconditions, cancellationToken).ConfigureAwait(false);
        var patched = live.Item with
        {
            Metageneration = live.Item.Metageneration + 1,
            Metadata = MetadataMerge.Apply(live.Item.Metadata, changes),
            Updated = timeProvider.GetUtcNow(),
        };
        cancellationToken.ThrowIfCancellationRequested();
        sidecars.Write(Sidecar.From(patched, live.State.File));
        return patched;
    }

    public async Task<StoredObject> MoveAsync(string source, string destination, ObjectTransferOptions request, CancellationToken cancellationToken)
    {
        await RememberChecksumAsync(source, cancellationToken).ConfigureAwait(false);
        using var held = await locks.AcquireAsync(cancellationToken, source, destination).ConfigureAwait(false);
        var target = Recover(destination);
        var live = await RequireAsync(source, request.Source, cancellationToken).ConfigureAwait(false);
        request.Destination.Verify(destination, target?.Generation ?? 0, target?.Metageneration ?? 0);
        return InFolder(destination, () =>
        {
            var outdated = sidecars.Read(destination);
            var generation = NextGeneration(held, destination, target, outdated);
            held.RecordGeneration(StoreLayout.ShardOf(source), live.State.Generation);
            var file = staging.Foresee(live.State.File.Size, generation, live.State.File, target?.File, outdated?.File);
            var now = timeProvider.GetUtcNow();
            var moved = live.Item with { Name = destination, Generation = generation, Metageneration = 1, Created = now, Updated = now };
            cancellationToken.ThrowIfCancellationRequested();

            // The file gets the time of its new generation before it moves. Until it has moved it is the source under that time as well.
            sidecars.WriteNext(Sidecar.From(live.Item, file));
            sidecars.WriteNext(Sidecar.From(moved, file));
            File.SetLastWriteTimeUtc(layout.FileOf(source), new DateTime(file.ModifiedTicks, DateTimeKind.Utc));
            options.OnStep?.Invoke("time set");
            _folders.RenameIntoPlace(layout.FileOf(source), destination);
            Finish(() =>
            {
                sidecars.PromoteNext(destination);
                options.OnStep?.Invoke("destination finished");
                Forget(source);
            });
            return moved;
        });
    }

    public async Task<bool> DeleteAsync(string name, ObjectDeleteOptions request, CancellationToken cancellationToken)
    {
        using var held = await locks.AcquireAsync(cancellationToken, name).ConfigureAwait(false);
        var live = Recover(name);
        request.Preconditions.Verify(name, live?.Generation ?? 0, live?.Metageneration ?? 0);
        if (live is null || (request.Generation is { } generation && generation != live.Generation))
        {
            throw ObjectStoreErrors.NotFound(name, layout.Root, request.Generation);
        }

        cancellationToken.ThrowIfCancellationRequested();
        held.RecordGeneration(StoreLayout.ShardOf(name), live.Generation);
        File.Delete(layout.FileOf(name));
        Finish(() => Forget(name));
        return true;
    }

    private async Task<StoredObject> CommitAsync(
        StagedFile staged,
        StoredObject template,
        ObjectPreconditions preconditions,
        CancellationToken cancellationToken)
    {
        var name = template.Name;
        using var held = await locks.AcquireAsync(cancellationToken, name).ConfigureAwait(false);
        var live = Recover(name);
        preconditions.Verify(name, live?.Generation ?? 0, live?.Metageneration ?? 0);
        return InFolder(name, () =>
        {
            var outdated = sidecars.Read(name);
            var generation = NextGeneration(held, name, live, outdated, staged.Generation);
            var file = staging.Stamp(staged, generation, live?.File, outdated?.File);
            var now = timeProvider.GetUtcNow();
            var version = template with { Generation = generation, Metageneration = 1, Created = now, Updated = now };
            cancellationToken.ThrowIfCancellationRequested();
            sidecars.WriteNext(Sidecar.From(version, file));
            _folders.RenameIntoPlace(staged.Path, name);
            options.OnStep?.Invoke("content in place");
            Finish(() => sidecars.PromoteNext(name));
            return version;
        });
    }

    // A folder that a change has made for an object that then does not come would stay for good: nobody deletes what is no object.
    private StoredObject InFolder(string name, Func<StoredObject> change)
    {
        try
        {
            _folders.Prepare(name);
            return change();
        }
        catch
        {
            _folders.RemoveEmptyParents(name);
            throw;
        }
    }

    /// <summary>Finishes or drops what a killed process left of its change. The lock is held.</summary>
    private ObjectState? Recover(string name)
    {
        if (sidecars.ReadNext(name) is { } next)
        {
            if (FileIdentity.Of(layout.FileOf(name)) == next.File)
            {
                sidecars.PromoteNext(name);
            }
            else
            {
                sidecars.DeleteNext(name);
            }
        }

        return reader.FindLocked(name);
    }

    private async Task<(ObjectState State, StoredObject Item)> RequireAsync(string name, ObjectPreconditions preconditions, CancellationToken cancellationToken)
    {
        var state = Recover(name);
        preconditions.Verify(name, state?.Generation ?? 0, state?.Metageneration ?? 0);
        var item = state is null ? null : await reader.DescribeAsync(state, cancellationToken).ConfigureAwait(false);
        if (state is null || item is null)
        {
            throw ObjectStoreErrors.NotFound(name, layout.Root);
        }

        // Only a hand that knows no lock can have been there.
        return item.Generation == state.Generation
            ? (state, item)
            : throw new ObjectStoreException(
                ObjectStoreError.Unavailable,
                $"The file of '{name}' in '{layout.Root}' was edited by hand while the store changed it. Try again when the edit is complete.",
                name);
    }

    // The checksum of a file that was put there by hand is computed before the lock is taken: other objects of the shard need not wait.
    private async Task RememberChecksumAsync(string name, CancellationToken cancellationToken)
    {
        if (reader.Find(name) is { } state)
        {
            await reader.DescribeAsync(state, cancellationToken).ConfigureAwait(false);
        }
    }

    // The change has happened and is seen by everybody. What is left to tidy is tidied by the next change of the object, so that a
    // failure here must not be told as a failure of the change.
    private static void Finish(Action tidy)
    {
        try
        {
            tidy();
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
        }
    }

    private void Forget(string name)
    {
        options.OnStep?.Invoke("content gone");
        sidecars.DeleteNext(name);
        options.OnStep?.Invoke("next sidecar gone");
        sidecars.Delete(name);
        options.OnStep?.Invoke("sidecar gone");
        _folders.RemoveEmptyParents(name);
    }

    private long NextGeneration(HeldLocks held, string name, ObjectState? live, Sidecar? outdated, long reserved = 0)
    {
        var shard = StoreLayout.ShardOf(name);
        var known = Math.Max(Math.Max(live?.Generation ?? 0, outdated?.Generation ?? 0), held.ReadLastGeneration(shard));
        var generation = reserved > known ? reserved : ReserveGeneration(known);
        held.RecordGeneration(shard, generation);
        return generation;
    }

    private long ReserveGeneration(long known)
    {
        var now = (timeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        while (true)
        {
            var last = Volatile.Read(ref _lastGeneration);
            var generation = Math.Max(Math.Max(known, last) + 1, now);
            if (Interlocked.CompareExchange(ref _lastGeneration, generation, last) == last)
            {
                return generation;
            }
        }
    }
}
