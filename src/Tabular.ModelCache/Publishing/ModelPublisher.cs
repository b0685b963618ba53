using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Makes a version of a model under its lease: resolve, stage, promote, <c>.done</c>, flip. A crash between any two steps leaves the old
/// version served, and the next run goes on from what it finds.
/// </summary>
internal sealed class ModelPublisher(
    IObjectStore store,
    ManifestStore manifests,
    ModelSources sources,
    ManifestFlipper flipper,
    VersionPruner pruner,
    FolderObjects folders,
    PartLimits parts,
    PartBuffers buffers,
    ILogger<ModelPublisher> logger)
{
    private const int MostParallelFiles = 4;

    /// <summary>Publishes what is wanted of one model, if it is not there yet.</summary>
    /// <exception cref="ModelCacheException">The source, the manifest or the lease stands in the way; nothing is lost.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<PublishResult> PublishAsync(
        WantedModel model, PublishMode mode, Lease lease, IPublishProgress progress, CancellationToken cancellationToken)
    {
        if (mode == PublishMode.Sync)
        {
            // A pinned version says what this deployment serves, not what the source holds.
            model = model with { Version = null };
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        try
        {
            return await RunAsync(model, mode, lease, progress, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            lease.ThrowIfLost();
            throw;
        }
    }

    private async Task<PublishResult> RunAsync(
        WantedModel model, PublishMode mode, Lease lease, IPublishProgress progress, CancellationToken cancellationToken)
    {
        // Under the lease the manifest is read again: whoever held it before may have done the work.
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        var fresh = Freshness.Of(model, snapshot.Entry(model.Name));
        if (fresh.Failure is { } failure)
        {
            throw new ModelCacheException(failure);
        }

        if (fresh.Version is { } there && mode == PublishMode.Start)
        {
            return new PublishResult(PublishAction.Unchanged, there);
        }

        progress.Enter(ModelCacheState.Pulling, $"resolving {model.Source}");
        var resolution = await sources.ResolveAsync(model.ToRequest(), cancellationToken).ConfigureAwait(false);
        await using var resources = resolution.ConfigureAwait(false);
        PublishLog.Resolved(logger, model.Name, model.Source, resolution.Digest, resolution.Files.Count, resolution.Files.Sum(f => f.Size));

        var leftovers = await Leftovers.ReadAsync(store, model.Name, model.Kind, lease.Attempt, cancellationToken).ConfigureAwait(false);
        var (result, after) = await MakeAsync(model, snapshot, resolution, leftovers, lease, progress, cancellationToken).ConfigureAwait(false);
        await TryTidyAsync(model, after, resolution.Digest, leftovers, lease, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private async Task<(PublishResult Result, ManifestSnapshot After)> MakeAsync(
        WantedModel model,
        ManifestSnapshot snapshot,
        ModelResolution resolution,
        Leftovers leftovers,
        Lease lease,
        IPublishProgress progress,
        CancellationToken cancellationToken)
    {
        var entry = snapshot.Entry(model.Name);
        if (FindKept(entry, resolution) is { } kept)
        {
            return await UseKeptAsync(model, snapshot, entry!, kept, lease, cancellationToken).ConfigureAwait(false);
        }

        if (model.Digest is null && entry is { ActiveVersion: { } active, Held: { } held } && DigestText.Same(held, resolution.Digest))
        {
            // Nobody keeps it any more, but the operator's word stands: pulling it again would undo the rollback.
            PublishLog.HeldBack(logger, model.Name, resolution.Digest);
            return (new PublishResult(PublishAction.Held, active), snapshot);
        }

        var abandoned = await FindAbandonedAsync(model, entry, resolution, leftovers, cancellationToken).ConfigureAwait(false);
        if (abandoned?.Complete is { } complete)
        {
            progress.Enter(ModelCacheState.Publishing, $"adopting {complete.Version}, which another process finished but did not activate");
            var adopted = await FlipAsync(model, snapshot, complete, lease, cancellationToken).ConfigureAwait(false);
            PublishLog.Adopted(logger, model.Name, complete.Version);
            return (new PublishResult(PublishAction.Adopted, complete), adopted);
        }

        var area = new StagingArea(model.Name, lease.Attempt);
        var staged = new StagedFiles(store, area, leftovers, entry, parts, buffers, lease.ThrowIfLost, progress.Pulled);
        var files = await StageAsync(resolution, staged, abandoned, progress, cancellationToken).ConfigureAwait(false);

        var checksums = ChecksumFile.Format(files.Select(f => (f.Path, f.Sha256)));
        var digest = Sha256Hex.Of(checksums);
        var name = abandoned is not null && VersionName.HasChecksums(abandoned.Name, digest)
            ? abandoned.Name
            : VersionName.Create(model.Name, lease.StoreTime, digest);
        progress.Enter(ModelCacheState.Publishing, $"publishing {name}");
        if (entry?.IsDoomed(name) == true)
        {
            snapshot = await pruner.FinishDeletionAsync(model.Name, snapshot, name, lease, cancellationToken).ConfigureAwait(false);
        }

        var version = new ManifestVersion
        {
            Version = name,
            Path = $"{model.Kind}/{name}",
            CreatedAt = WholeSeconds(lease.StoreTime),
            Source = new ManifestSource { Uri = model.Source, Digest = resolution.Digest },
            Bytes = files.Sum(f => f.Size),
            Checksums = digest,
            Files = WithMarkers(files, digest, checksums.Length),
        };
        if (ManifestRules.FindProblem(model.Name, model.Kind, version) is { } problem)
        {
            throw new ModelCacheException($"The model '{model.Name}' cannot be published: {problem}.");
        }

        version = await PromoteAsync(area, version, files, checksums, lease, cancellationToken).ConfigureAwait(false);
        var after = await FlipAsync(model, snapshot, version, lease, cancellationToken).ConfigureAwait(false);
        PublishLog.Published(logger, model.Name, version.Version, version.Bytes, staged.BytesPulled, staged.BytesCopied);
        return (new PublishResult(PublishAction.Published, version, staged.BytesPulled, staged.BytesCopied), after);
    }

    private static ManifestVersion? FindKept(ManifestEntry? entry, ModelResolution resolution) =>
        entry?.ActiveVersion is { } active && DigestText.Same(active.Source.Digest, resolution.Digest)
            ? active
            : entry?.Versions.FirstOrDefault(v => DigestText.Same(v.Source.Digest, resolution.Digest));

    private async Task<(PublishResult Result, ManifestSnapshot After)> UseKeptAsync(
        WantedModel model, ManifestSnapshot snapshot, ManifestEntry entry, ManifestVersion kept, Lease lease, CancellationToken cancellationToken)
    {
        if (kept.Version == entry.Active || model.Digest is not null)
        {
            return (new PublishResult(PublishAction.Unchanged, kept), snapshot);
        }

        // An automatic run activates a digest once. What was active before, or was rolled back from, comes back only by hand.
        if (kept.RetiredAt is not null || (entry.Held is { } held && DigestText.Same(held, kept.Source.Digest)))
        {
            PublishLog.Held(logger, model.Name, kept.Source.Digest, kept.Version);
            return (new PublishResult(PublishAction.Held, entry.ActiveVersion ?? kept), snapshot);
        }

        var after = await FlipAsync(model, snapshot, kept, lease, cancellationToken).ConfigureAwait(false);
        PublishLog.Activated(logger, model.Name, kept.Version);
        return (new PublishResult(PublishAction.Activated, kept), after);
    }

    private static async Task<IReadOnlyList<ManifestFile>> StageAsync(
        ModelResolution resolution,
        StagedFiles staged,
        AbandonedVersion? abandoned,
        IPublishProgress progress,
        CancellationToken cancellationToken)
    {
        var total = resolution.Files.Sum(f => f.Size);
        var done = 0L;
        progress.Enter(ModelCacheState.Pulling, $"pulling {resolution.Files.Count} files");
        progress.Report(0, total);
        var files = new ManifestFile[resolution.Files.Count];
        await Concurrent.ForEachAsync(
            Enumerable.Range(0, files.Length),
            MostParallelFiles,
            async (i, token) =>
            {
                var file = resolution.Files[i];
                if (abandoned?.FindPromoted(file) is { } promoted)
                {
                    progress.Report(Interlocked.Add(ref done, file.Size), total);
                    files[i] = promoted;
                    return;
                }

                files[i] = await staged.StageAsync(file, count => progress.Report(Interlocked.Add(ref done, count), total), token)
                    .ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return files;
    }

    private async Task<ManifestVersion> PromoteAsync(
        StagingArea area,
        ManifestVersion version,
        IReadOnlyList<ManifestFile> files,
        byte[] checksums,
        Lease lease,
        CancellationToken cancellationToken)
    {
        // The record comes before the first move: whatever lies in the version's folder after a crash has an owner.
        lease.ThrowIfLost();
        await store.WriteOnceAsync(
            area.Record, ManifestJson.SerializeRecord(new StagingRecord { Version = version }), "application/json", cancellationToken).ConfigureAwait(false);

        var folder = new VersionFolder(store, version.Path);
        await folder.PromoteAsync(area, files, lease.ThrowIfLost, cancellationToken).ConfigureAwait(false);
        await folders.WriteAsync(version, lease.ThrowIfLost, cancellationToken).ConfigureAwait(false);
        return version with
        {
            Files = await folder.FinishAsync(files, checksums, version.Checksums, lease.ThrowIfLost, cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<ManifestSnapshot> FlipAsync(
        WantedModel model, ManifestSnapshot snapshot, ManifestVersion version, Lease lease, CancellationToken cancellationToken)
    {
        var entry = snapshot.Entry(model.Name) ?? new ManifestEntry { Kind = model.Kind };

        // A pull for a pinned digest adds a version and leaves the active one alone, unless there is none.
        var activates = entry.Active is null || model.Digest is null;
        var now = WholeSeconds(lease.StoreTime);
        var others = entry.Versions
            .Where(v => v.Version != version.Version)
            .Select(v => activates && v.Version == entry.Active ? v with { RetiredAt = now } : v);
        var next = entry with
        {
            Attempt = lease.Attempt.ToString(),
            Active = activates ? version.Version : entry.Active,
            Versions = [version, .. others],
        };
        return await flipper.FlipAsync(model.Name, snapshot, next, lease, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Looks for what a run that died before its flip left in a version's folder: by its record, or, where the source promises every
    /// SHA-256, by the name that those files must have.
    /// </summary>
    private async Task<AbandonedVersion?> FindAbandonedAsync(
        WantedModel model, ManifestEntry? entry, ModelResolution resolution, Leftovers leftovers, CancellationToken cancellationToken)
    {
        var expected = AbandonedVersion.ExpectedChecksums(resolution);
        var record = leftovers.Versions.FirstOrDefault(
            v => DigestText.Same(v.Source.Digest, resolution.Digest) && (expected is null || v.Checksums == expected) && entry?.IsDoomed(v.Version) != true);
        if (record is not null)
        {
            return await AbandonedVersion.ReadAsync(store, record, cancellationToken).ConfigureAwait(false);
        }

        if (expected is null)
        {
            return null;
        }

        var prefix = $"{model.Kind}/{model.Name}-";
        await foreach (var item in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            var name = item.Name.Split('/', 3) is [_, var folder, VersionFiles.Done] ? folder : "";
            if (VersionName.IsComplete(name, model.Name) && VersionName.HasChecksums(name, expected) && entry?.IsDoomed(name) != true)
            {
                return await AbandonedVersion.ReadAsync(store, model, name, expected, resolution, item.Created, cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        return null;
    }

    private async Task TryTidyAsync(
        WantedModel model, ManifestSnapshot snapshot, string sourceDigest, Leftovers leftovers, Lease lease, CancellationToken cancellationToken)
    {
        try
        {
            await pruner.TidyAsync(model.Name, snapshot, sourceDigest, leftovers, lease, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectStoreException or ModelCacheException)
        {
            // The new version is active; what is left over costs storage, and the next run removes it.
            PublishLog.TidyFailed(logger, model.Name, e.Message);
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested)
        {
            PublishLog.TidyFailed(logger, model.Name, "the lease was lost");
        }
    }

    private static IReadOnlyList<ManifestFile> WithMarkers(IReadOnlyList<ManifestFile> files, string digest, long checksumsSize)
    {
        var done = VersionFolder.DoneContent(digest);
        return
        [
            .. files,
            new ManifestFile { Path = VersionFiles.Checksums, Sha256 = digest, Size = checksumsSize },
            new ManifestFile { Path = VersionFiles.Done, Sha256 = Sha256Hex.Of(done), Size = done.Length },
        ];
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
