using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Operations;

/// <summary>Reads what the store has and who is at work.</summary>
internal sealed class StatusReader(
    IOptions<ModelCacheOptions> options, ModelNames names, ModelCachePlaces places, ManifestReader manifests, IModelMount mount, ModelCacheClock clock)
{
    public async Task<StatusReport> ReadAsync(CancellationToken cancellationToken)
    {
        var (snapshot, hasSignature) = await ReadManifestAsync(cancellationToken).ConfigureAwait(false);
        var models = new List<ModelReport>();
        foreach (var name in snapshot.Manifest.Models.Keys.Union(names.Configured.Select(m => m.Name)).Order(StringComparer.Ordinal))
        {
            models.Add(await ReadAsync(name, snapshot.Entry(name), cancellationToken).ConfigureAwait(false));
        }

        return new StatusReport
        {
            Store = places.Store?.DisplayName ?? mount.Root,
            Sequence = snapshot.Manifest.Sequence,
            HasSignature = hasSignature,
            Models = models,
        };
    }

    /// <summary>The manifest, and whether the store has a signature of exactly these bytes.</summary>
    private async Task<(ManifestSnapshot Snapshot, bool? HasSignature)> ReadManifestAsync(CancellationToken cancellationToken)
    {
        if (places.Store is not { } store)
        {
            return (await manifests.ReadAsync(cancellationToken).ConfigureAwait(false), null);
        }

        if (await store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false) is not { } read)
        {
            return (ManifestSnapshot.Empty, null);
        }

        var snapshot = new ManifestSnapshot(ManifestJson.Parse(read.Bytes, manifests.DisplayName), read.Metadata.Generation);
        var signature = await store.GetAsync(VersionFiles.SignatureOf(Sha256Hex.Of(read.Bytes)), cancellationToken: cancellationToken).ConfigureAwait(false);
        return (snapshot, signature is not null);
    }

    private async Task<ModelReport> ReadAsync(string name, ManifestEntry? entry, CancellationToken cancellationToken)
    {
        LeaseReport? lease = null;
        var (leftovers, leftoverBytes) = (0, 0L);
        if (places.Store is { } store)
        {
            if (await store.GetAsync(LeaseManager.ObjectNameOf(name), cancellationToken: cancellationToken).ConfigureAwait(false) is { } item)
            {
                lease = Describe(item);
            }

            await foreach (var staged in store.ListAsync(StagingArea.PrefixOf(name), cancellationToken).ConfigureAwait(false))
            {
                leftovers++;
                leftoverBytes += staged.Size;
            }
        }

        var wanted = names.Configured.FirstOrDefault(m => m.Name == name);
        return new ModelReport
        {
            Name = name,
            Kind = entry?.Kind ?? wanted?.Kind ?? "",
            Configured = wanted is not null,
            Active = entry?.Active,
            Held = entry?.Held,
            HeldReason = entry?.HeldReason,
            Versions = [.. (entry?.Versions ?? []).Select(v => Describe(entry!, v))],
            Doomed = [.. (entry?.Doomed ?? []).Select(d => d.Version)],
            Lease = lease,
            Leftovers = leftovers,
            LeftoverBytes = leftoverBytes,
        };
    }

    private LeaseReport Describe(StoredObject item)
    {
        var state = LeaseState.Read(item, options.Value.Lease.Ttl!.Value);
        return new LeaseReport
        {
            State = state.IsReleased ? LeaseHolding.Released : LeaseHolding.Held,
            Holder = state.Host,
            Epoch = state.Epoch,
            Updated = item.Updated,
            TtlSeconds = state.Ttl.TotalSeconds,
        };
    }

    private VersionReport Describe(ManifestEntry entry, ManifestVersion version) => new()
    {
        Version = version.Version,
        Active = version.Version == entry.Active,
        Pinned = entry.Pins.Contains(version.Version, StringComparer.Ordinal),
        Held = entry.Held == version.Source.Digest,
        Superseded = entry.IsSuperseded(version),
        CreatedAt = version.CreatedAt,
        AgeSeconds = Math.Max(0, Math.Round((clock.Time.GetUtcNow() - version.CreatedAt).TotalSeconds)),
        RetiredAt = version.RetiredAt,
        Bytes = version.Bytes,
        Files = version.Files.Count(f => !VersionFiles.IsMarker(f.Path)),
        HasSignature = version.Files.Any(f => f.Path == VersionFiles.Signature),
        Source = version.Source.Uri,
        Digest = version.Source.Digest,
    };
}
