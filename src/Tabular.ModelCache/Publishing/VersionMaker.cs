using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Publishing;

/// <summary>Makes the folder of a version: stages its files, then promotes them and writes the markers.</summary>
internal sealed class VersionMaker(IObjectStore store, FolderObjects folders, PartLimits parts, PartBuffers buffers, VersionSigner signer)
{
    private const int MostParallelFiles = 4;

    /// <summary>Brings all files into the staging folder of the attempt, but those that a dead run has promoted already.</summary>
    public async Task<StagedVersion> StageAsync(
        PublishRun run, ManifestEntry? entry, ModelResolution resolution, AbandonedVersion? abandoned, CancellationToken cancellationToken)
    {
        var area = new StagingArea(run.Model.Name, run.Lease.Attempt);
        var staged = new StagedFiles(store, area, run.Leftovers, entry, parts, buffers, run.Lease.ThrowIfLost, run.Progress.Pulled);
        var total = resolution.Files.Sum(f => f.Size);
        var done = 0L;
        run.Progress.Enter(ModelCacheState.Pulling, $"pulling {resolution.Files.Count} files");
        run.Progress.Report(0, total);
        var files = new ManifestFile[resolution.Files.Count];
        await Concurrent.ForEachAsync(
            Enumerable.Range(0, files.Length),
            MostParallelFiles,
            async (i, token) =>
            {
                var file = resolution.Files[i];
                if (abandoned?.FindPromoted(file) is { } promoted)
                {
                    run.Progress.Report(Interlocked.Add(ref done, file.Size), total);
                    files[i] = promoted;
                    return;
                }

                files[i] = await staged.StageAsync(file, count => run.Progress.Report(Interlocked.Add(ref done, count), total), token)
                    .ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return new StagedVersion(area, files, ChecksumFile.Format(files.Select(f => (f.Path, f.Sha256))), staged.BytesPulled, staged.BytesCopied);
    }

    /// <summary>What the manifest will say of a staged version; the generations are known only when it is promoted.</summary>
    /// <exception cref="ModelCacheException">It may not be published.</exception>
    public static ManifestVersion Describe(PublishRun run, string name, StagedVersion staged, string sourceDigest)
    {
        var version = new ManifestVersion
        {
            Version = name,
            Path = $"{run.Model.Kind}/{name}",
            CreatedAt = EntryChanges.WholeSeconds(run.Lease.StoreTime),
            Source = new ManifestSource { Uri = run.Model.Source, Digest = sourceDigest },
            Bytes = staged.Files.Sum(f => f.Size),
            Checksums = staged.Digest,
            Files = WithMarkers(staged),
        };
        return ManifestRules.FindProblem(run.Model.Name, run.Model.Kind, version) is { } problem
            ? throw new ModelCacheException($"The model '{run.Model.Name}' cannot be published: {problem}.")
            : version;
    }

    /// <summary>Moves the staged files to where readers look, and completes the folder.</summary>
    /// <returns>The version with the generations of its files.</returns>
    public async Task<ManifestVersion> PromoteAsync(
        StagedVersion staged, ManifestVersion version, Lease lease, CancellationToken cancellationToken)
    {
        // The record comes before the first move: whatever lies in the version's folder after a crash has an owner.
        lease.ThrowIfLost();
        await store.WriteOnceAsync(
            staged.Area.Record, ManifestJson.SerializeRecord(new StagingRecord { Version = version }), "application/json", cancellationToken).ConfigureAwait(false);

        var folder = new VersionFolder(store, version.Path);
        await folder.PromoteAsync(staged.Area, staged.Files, lease.ThrowIfLost, cancellationToken).ConfigureAwait(false);
        await folders.WriteAsync(version, lease.ThrowIfLost, cancellationToken).ConfigureAwait(false);
        return version with
        {
            Files = await folder.FinishAsync(
                staged.Files,
                staged.Checksums,
                version.Checksums,
                existing => signer.SignAsync(version, existing, cancellationToken),
                lease.ThrowIfLost,
                cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Chooses the name: that of the dead run that is gone on with, or one for today.</summary>
    public async Task<string> ChooseNameAsync(
        PublishRun run, ManifestEntry? entry, bool heals, AbandonedVersion? abandoned, string checksums, CancellationToken cancellationToken)
    {
        if (abandoned is not null && VersionName.HasChecksums(abandoned.Name, checksums))
        {
            return abandoned.Name;
        }

        // The content of a damaged version goes into a folder of its own. When both would be of the same day, the name takes the next free one.
        var date = run.Lease.StoreTime;
        while (true)
        {
            var name = VersionName.Create(run.Model.Name, date, checksums);
            var isTaken = entry?.Find(name) is { } kept && (heals || kept.Version == run.Damaged?.Version.Version || entry.IsSuperseded(kept));
            if (!isTaken && !(signer.Signs && await IsDoneAsync(run.Model.Kind, name, cancellationToken).ConfigureAwait(false)))
            {
                return name;
            }

            date = date.AddDays(1);
        }
    }

    // A folder that is done cannot be signed any more, and one that is signed well enough was adopted.
    private async Task<bool> IsDoneAsync(string kind, string name, CancellationToken cancellationToken) =>
        await store.GetAsync($"{kind}/{name}/{VersionFiles.Done}", cancellationToken: cancellationToken).ConfigureAwait(false) is not null;

    private static IReadOnlyList<ManifestFile> WithMarkers(StagedVersion staged)
    {
        var done = VersionFolder.DoneContent(staged.Digest);
        return
        [
            .. staged.Files,
            new ManifestFile { Path = VersionFiles.Checksums, Sha256 = staged.Digest, Size = staged.Checksums.Length },
            new ManifestFile { Path = VersionFiles.Done, Sha256 = Sha256Hex.Of(done), Size = done.Length },
        ];
    }
}
