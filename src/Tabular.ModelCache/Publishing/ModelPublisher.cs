using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Makes a version of a model under its lease: resolve, stage, promote, <c>.done</c>, flip. A crash between any two steps leaves the old
/// version served, and the next run goes on from what it finds. A sync also publishes the active version again when it is damaged.
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
    VersionSigner signer,
    ILogger<ModelPublisher> logger)
{
    private readonly VersionMaker _maker = new(store, folders, parts, buffers, signer);
    private readonly AbandonedVersions _abandoned = new(store);
    private readonly ActiveVersionCheck _check = new(store, signer, logger);

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

        var damaged = mode == PublishMode.Sync ? await _check.FindAsync(model.Name, snapshot, cancellationToken).ConfigureAwait(false) : null;
        progress.Enter(ModelCacheState.Pulling, $"resolving {model.Source}");
        var resolution = await ResolveAsync(model.ToRequest(), damaged, cancellationToken).ConfigureAwait(false);
        await using var resources = resolution.ConfigureAwait(false);
        PublishLog.Resolved(logger, model.Name, model.Source, resolution.Digest, resolution.Files.Count, resolution.Files.Sum(f => f.Size));

        var leftovers = await Leftovers.ReadAsync(store, model.Name, model.Kind, lease.Attempt, cancellationToken).ConfigureAwait(false);
        var run = new PublishRun(model, lease, progress, leftovers, damaged);

        // A version that only has to be signed is in the store already, with the digests that a source may not promise.
        var isKept = damaged is { IsIntact: true } && run.Heals(resolution);
        var (result, after) = await MakeAsync(run, snapshot, isKept ? KeptFile.Resolve(store, damaged!.Version) : resolution, cancellationToken)
            .ConfigureAwait(false);
        if (damaged is not null && after.Entry(model.Name)!.Active == damaged.Version.Version)
        {
            (result, after) = await HealFromEarlierStateAsync(run, after, result, cancellationToken).ConfigureAwait(false);
        }

        if (mode == PublishMode.Sync && after.Generation == snapshot.Generation)
        {
            after = await SignAsync(run, after, cancellationToken).ConfigureAwait(false);
        }

        return result with { Untidy = await TryTidyAsync(run, after, resolution.Digest, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Signs a manifest that the present key has not signed, by a flip that changes nothing else: one way of doing it, and a new sequence.</summary>
    private async Task<ManifestSnapshot> SignAsync(PublishRun run, ManifestSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (!signer.Signs || snapshot.Entry(run.Model.Name) is not { } entry || await manifests.IsSignedHereAsync(cancellationToken).ConfigureAwait(false))
        {
            return snapshot;
        }

        var next = entry with { Attempt = run.Lease.Attempt.ToString() };
        var after = await flipper.FlipAsync(run.Model.Name, snapshot, _ => next, run.Lease, cancellationToken).ConfigureAwait(false);
        PublishLog.ManifestSigned(logger, after.Manifest.Sequence);
        return after;
    }

    private async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, DamagedVersion? damaged, CancellationToken cancellationToken)
    {
        try
        {
            return await sources.ResolveAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCacheException e) when (damaged is { IsIntact: false })
        {
            throw new ModelCacheException(
                $"The active version {damaged.Version.Version} of the model '{request.Model}' is damaged ({damaged.Problem}) and could not be " +
                $"published again: {e.Message}",
                e)
            {
                ExitCode = e.ExitCode,
            };
        }
    }

    private async Task<(PublishResult Result, ManifestSnapshot After)> MakeAsync(
        PublishRun run, ManifestSnapshot snapshot, ModelResolution resolution, CancellationToken cancellationToken)
    {
        var (model, lease) = (run.Model, run.Lease);
        var entry = snapshot.Entry(model.Name);
        var heals = run.Heals(resolution);
        if (!heals)
        {
            if (FindKept(entry, resolution) is { } kept)
            {
                return await UseKeptAsync(run, snapshot, entry!, kept, cancellationToken).ConfigureAwait(false);
            }

            if (model.Digest is null && entry is { ActiveVersion: { } active, Held: { } held } && DigestText.Same(held, resolution.Digest))
            {
                // Nobody keeps it any more, but the operator's word stands: pulling it again would undo the rollback.
                PublishLog.HeldBack(logger, model.Name, resolution.Digest);
                return (new PublishResult(PublishAction.Held, active), snapshot);
            }
        }

        var abandoned = await _abandoned.FindAsync(run, entry, resolution, cancellationToken).ConfigureAwait(false);
        var finished = abandoned?.Complete;
        if (finished is not null && await signer.TryAdoptAsync(finished, cancellationToken).ConfigureAwait(false) is { } complete)
        {
            run.Progress.Enter(ModelCacheState.Publishing, $"adopting {complete.Version}, which another process finished but did not activate");
            var adopted = await FlipAsync(run, snapshot, complete, heals, null, cancellationToken).ConfigureAwait(false);
            PublishLog.Adopted(logger, model.Name, complete.Version);
            return (new PublishResult(heals ? PublishAction.Healed : PublishAction.Adopted, complete), adopted);
        }

        if (signer.Signs && abandoned is { IsDone: true })
        {
            // It never changes any more, so it cannot be signed: its content goes into another folder.
            PublishLog.NotAdopted(logger, model.Name, abandoned.Name);
            entry = TakeIn(run, snapshot, finished, lease.StoreTime);
            abandoned = null;
        }

        var staged = await _maker.StageAsync(run, entry, resolution, abandoned, cancellationToken).ConfigureAwait(false);
        var name = await _maker.ChooseNameAsync(run, entry, heals, abandoned, staged.Digest, cancellationToken).ConfigureAwait(false);
        run.Progress.Enter(ModelCacheState.Publishing, $"publishing {name}");
        if (entry?.IsDoomed(name) == true)
        {
            snapshot = await pruner.FinishDeletionAsync(model.Name, snapshot, name, lease, cancellationToken).ConfigureAwait(false);
        }

        var version = VersionMaker.Describe(run, name, staged, resolution.Digest);
        version = await _maker.PromoteAsync(staged, version, lease, cancellationToken).ConfigureAwait(false);
        var left = signer.Signs ? finished : null;
        var after = await FlipAsync(run, snapshot, version, heals, left, cancellationToken).ConfigureAwait(false);
        PublishLog.Published(logger, model.Name, version.Version, version.Bytes, staged.BytesPulled, staged.BytesCopied);
        return (new PublishResult(heals ? PublishAction.Healed : PublishAction.Published, version, staged.BytesPulled, staged.BytesCopied), after);
    }

    private static ManifestEntry TakeIn(PublishRun run, ManifestSnapshot snapshot, ManifestVersion? left, DateTimeOffset now)
    {
        var entry = snapshot.Entry(run.Model.Name) ?? new ManifestEntry { Kind = run.Model.Kind };
        return left is null ? entry : EntryChanges.TakeIn(entry, left, now);
    }

    private static ManifestVersion? FindKept(ManifestEntry? entry, ModelResolution resolution) =>
        entry?.ActiveVersion is { } active && DigestText.Same(active.Source.Digest, resolution.Digest)
            ? active
            : entry?.Versions.FirstOrDefault(v => DigestText.Same(v.Source.Digest, resolution.Digest));

    private async Task<(PublishResult Result, ManifestSnapshot After)> UseKeptAsync(
        PublishRun run, ManifestSnapshot snapshot, ManifestEntry entry, ManifestVersion kept, CancellationToken cancellationToken)
    {
        var model = run.Model;
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

        var after = await FlipAsync(run, snapshot, kept, heals: false, null, cancellationToken).ConfigureAwait(false);
        PublishLog.Activated(logger, model.Name, kept.Version);
        return (new PublishResult(PublishAction.Activated, kept), after);
    }

    /// <summary>
    /// Publishes the damaged active version from the state of the source that it came from, because what the source is at now may not
    /// become active by itself.
    /// </summary>
    private async Task<(PublishResult Result, ManifestSnapshot After)> HealFromEarlierStateAsync(
        PublishRun run, ManifestSnapshot snapshot, PublishResult first, CancellationToken cancellationToken)
    {
        var damaged = run.Damaged!;
        var digest = damaged.Version.Source.Digest;
        var resolution = await ResolveAsync().ConfigureAwait(false);
        await using var resources = resolution.ConfigureAwait(false);
        if (!run.Heals(resolution))
        {
            throw CannotHeal($"the source gives '{resolution.Digest}' for '{digest}'.", null);
        }

        // A version that this attempt has just added has left its record, of which an attempt has one.
        await pruner.DeleteOwnStagingAsync(run.Model.Name, run.Lease, cancellationToken).ConfigureAwait(false);
        var (healed, after) = await MakeAsync(run, snapshot, resolution, cancellationToken).ConfigureAwait(false);
        return (healed with { BytesPulled = first.BytesPulled + healed.BytesPulled, BytesCopied = first.BytesCopied + healed.BytesCopied }, after);

        async Task<ModelResolution> ResolveAsync()
        {
            if (damaged.IsIntact)
            {
                return KeptFile.Resolve(store, damaged.Version);
            }

            try
            {
                return await sources.ResolveAsync(run.Model.ToRequest() with { Digest = DigestText.WithoutChoice(digest) }, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ModelCacheException e)
            {
                throw CannotHeal(e.Message, e);
            }
        }

        ModelCacheException CannotHeal(string reason, Exception? cause) => new(
            $"The active version {damaged.Version.Version} of the model '{run.Model.Name}' is damaged ({damaged.Problem}). What its source is at now may " +
            $"not become active by itself, and '{digest}' cannot be pulled again; activate another version that is kept. The source said: {reason}",
            cause);
    }

    private async Task<ManifestSnapshot> FlipAsync(
        PublishRun run, ManifestSnapshot snapshot, ManifestVersion version, bool heals, ManifestVersion? left, CancellationToken cancellationToken)
    {
        // A pull for a pinned digest adds a version and leaves the active one alone, unless there is none.
        var activates = heals || snapshot.Entry(run.Model.Name)?.Active is null || run.Model.Digest is null;
        var attempt = run.Lease.Attempt.ToString();
        return await flipper.FlipAsync(
            run.Model.Name,
            snapshot,
            now => EntryChanges.Publish(TakeIn(run, snapshot, left, now), version, activates, attempt, now),
            run.Lease,
            cancellationToken).ConfigureAwait(false);
    }

    /// <returns>What went wrong: the new version is active, what is left over costs storage, and the next run removes it.</returns>
    private async Task<string?> TryTidyAsync(PublishRun run, ManifestSnapshot snapshot, string sourceDigest, CancellationToken cancellationToken)
    {
        try
        {
            await pruner.TidyAsync(run.Model.Name, snapshot, sourceDigest, run.Leftovers, run.Lease, cancellationToken).ConfigureAwait(false);
            if (signer.Signs)
            {
                await manifests.RemoveOldSignaturesAsync(run.Lease.StoreTime, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception e) when (e is ObjectStoreException or ModelCacheException)
        {
            PublishLog.TidyFailed(logger, run.Model.Name, e.Message);
            return e.Message;
        }
        catch (OperationCanceledException) when (run.Lease.Lost.IsCancellationRequested)
        {
            PublishLog.TidyFailed(logger, run.Model.Name, "the lease was lost");
            return "the lease was lost.";
        }
    }
}
