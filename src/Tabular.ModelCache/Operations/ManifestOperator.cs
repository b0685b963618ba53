using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Operations;

/// <summary>
/// Changes a model's entry by hand: one flip of the manifest under the model's lease, and no other object is written. A version becomes
/// active only when the store has all of it.
/// </summary>
internal sealed class ManifestOperator(
    IObjectStore store, ManifestStore manifests, ManifestFlipper flipper, LeaseWaiter leases, ILogger<ManifestOperator> logger)
{
    private readonly StoredVersionVerifier _verifier = new(store);

    public async Task<ChangeReport> RollBackAsync(string model, string? version, string? reason, TimeSpan patience, CancellationToken cancellationToken)
    {
        var report = await ChangeAsync(
            model,
            ChangeAction.RolledBack,
            (name, entry) =>
            {
                var target = version is null ? KeptVersions.FindPrevious(name, entry) : KeptVersions.Find(name, entry, version);
                return new EntryDecision(
                    target, target.Version == entry.Active ? null : (attempt, now) => EntryChanges.RollBack(entry, target, reason, attempt, now));
            },
            patience,
            cancellationToken).ConfigureAwait(false);
        if (report.Action == ChangeAction.RolledBack)
        {
            OperationLog.RolledBack(logger, report.Model, report.PreviouslyActive, report.Active, report.Held, reason ?? "none given");
        }

        return report with { Reason = reason };
    }

    public async Task<ChangeReport> ActivateAsync(string model, string version, TimeSpan patience, CancellationToken cancellationToken)
    {
        var report = await ChangeAsync(
            model,
            ChangeAction.Activated,
            (name, entry) =>
            {
                var target = KeptVersions.Find(name, entry, version);
                return new EntryDecision(
                    target,
                    target.Version == entry.Active && entry.Held is null ? null : (attempt, now) => EntryChanges.Activate(entry, target, attempt, now));
            },
            patience,
            cancellationToken).ConfigureAwait(false);
        if (report.Action == ChangeAction.Activated)
        {
            OperationLog.Activated(logger, report.Model, report.Active, report.PreviouslyActive);
        }

        return report;
    }

    public async Task<ChangeReport> PinAsync(string model, string version, bool isPinned, TimeSpan patience, CancellationToken cancellationToken)
    {
        var report = await ChangeAsync(
            model,
            isPinned ? ChangeAction.Pinned : ChangeAction.Unpinned,
            (name, entry) =>
            {
                var target = KeptVersions.Find(name, entry, version);
                return new EntryDecision(
                    target,
                    entry.Pins.Contains(target.Version, StringComparer.Ordinal) == isPinned ? null :
                    isPinned ? (attempt, _) => EntryChanges.Pin(entry, target, attempt) : (attempt, _) => EntryChanges.Unpin(entry, target, attempt));
            },
            patience,
            cancellationToken).ConfigureAwait(false);
        if (report.Action != ChangeAction.Unchanged)
        {
            OperationLog.PinChanged(logger, report.Model, report.Version, isPinned ? "pinned" : "no longer pinned");
        }

        return report;
    }

    private async Task<ChangeReport> ChangeAsync(
        string model, ChangeAction action, Func<string, ManifestEntry, EntryDecision> decide, TimeSpan patience, CancellationToken cancellationToken)
    {
        // What cannot be done, or need not, is found out before anybody has to wait for a lease.
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        var name = ModelNames.FindPublished(snapshot, model);
        var entry = snapshot.Entry(name)!;
        var decision = decide(name, entry);
        if (decision.Apply is null)
        {
            return Report(name, ChangeAction.Unchanged, decision, entry, snapshot);
        }

        var lease = await leases.AcquireAsync(name, patience, cancellationToken).ConfigureAwait(false);
        await using var owner = lease.ConfigureAwait(false);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        try
        {
            return await ChangeAsync(name, action, decide, lease, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            lease.ThrowIfLost();
            throw;
        }
    }

    private async Task<ChangeReport> ChangeAsync(
        string model, ChangeAction action, Func<string, ManifestEntry, EntryDecision> decide, Lease lease, CancellationToken cancellationToken)
    {
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        var entry = snapshot.Entry(ModelNames.FindPublished(snapshot, model))!;
        var decision = decide(model, entry);
        if (decision.Apply is not { } apply)
        {
            return Report(model, ChangeAction.Unchanged, decision, entry, snapshot);
        }

        var attempt = lease.Attempt.ToString();
        if (apply(attempt, lease.StoreTime).Active != entry.Active && (await _verifier.VerifyAsync(decision.Version, cancellationToken).ConfigureAwait(false)).Flaw is { } flaw)
        {
            throw new ModelCacheException(
                $"The version {decision.Version.Version} of the model '{model}' is damaged and was not made active: {flaw}. Nothing was changed; " +
                $"kept are {KeptVersions.List(entry)}.");
        }

        var after = await flipper.FlipAsync(model, snapshot, now => apply(attempt, now), lease, cancellationToken).ConfigureAwait(false);
        return Report(model, action, decision, entry, after);
    }

    private static ChangeReport Report(string model, ChangeAction action, EntryDecision decision, ManifestEntry before, ManifestSnapshot after)
    {
        var entry = after.Entry(model)!;
        return new ChangeReport
        {
            Model = model,
            Action = action,
            Version = decision.Version.Version,
            PreviouslyActive = before.Active,
            Active = entry.Active,
            Held = entry.Held,
            Reason = entry.HeldReason,
            Pins = entry.Pins,
            Sequence = after.Manifest.Sequence,
        };
    }
}
