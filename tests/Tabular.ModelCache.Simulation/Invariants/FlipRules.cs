using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Network;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>The manifest: one entry at a time, nothing lost, complete versions only, one automatic activation of a digest, nothing needed is let go.</summary>
internal sealed class FlipRules(Simulation run, Rules rules)
{
    // By how much a flip may be older than its effect, and a holder's idea of the store's time may be off.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(3);

    private Manifest _current = new();

    public void OnMutation(Mutation mutation)
    {
        if (mutation.Kind != MutationKind.Write)
        {
            rules.Fail("I3", $"{mutation.Process.Name} did {mutation.Kind} to the manifest");
            return;
        }

        var next = ManifestJson.Parse(mutation.After!.Content, mutation.Name);
        var changed = next.Models.Keys.Union(_current.Models.Keys)
            .Where(m => !ManifestEntry.Same(_current.Models.GetValueOrDefault(m), next.Models.GetValueOrDefault(m)))
            .ToList();
        if (next.Sequence != _current.Sequence + 1)
        {
            rules.Fail("I3", $"{mutation.Process.Name} flips from sequence {_current.Sequence} to {next.Sequence}");
        }

        if (next.WriteId == _current.WriteId)
        {
            rules.Fail("I3", $"{mutation.Process.Name} flips with the write id that is there already");
        }

        _current = next;
        if (changed is not [var model] || next.Models.GetValueOrDefault(model) is not { } entry)
        {
            rules.Fail("I3", $"{mutation.Process.Name} changes the entries of {(changed.Count == 0 ? "nobody" : string.Join(", ", changed))} in one flip");
            return;
        }

        OnFlipped(mutation, rules.Models[model], entry);
    }

    private void OnFlipped(Mutation mutation, ModelWorld world, ManifestEntry entry)
    {
        var before = world.Entry;
        var attempt = world.FindAttempt(entry.Attempt);
        if (attempt?.Process != mutation.Process)
        {
            rules.Fail("I3", $"{mutation.Process.Name} flips {world.Name} as the attempt '{entry.Attempt}', which is not its own");
            return;
        }

        if (before is not null && Leases.Attempt.TryParse(before.Attempt)!.Value.Epoch > attempt.Attempt.Epoch)
        {
            rules.Fail("I3", $"{mutation.Process.Name} flips {world.Name} as {entry.Attempt} over what the later {before.Attempt} wrote");
        }

        foreach (var other in world.Attempts.Values.Where(a => a != attempt))
        {
            other.OthersHaveFlipped = true;
        }

        run.Count(world.Holder == attempt ? "flip" : "flip by a former holder");
        CheckVersions(world, before, entry);
        CheckActivation(mutation, world, before, entry);
        CheckLeavers(world, before, entry);
        world.Entry = entry;
        if (world.Active.Count == 0 || world.Active[^1].Version != entry.Active)
        {
            world.Active.Add((run.Time.Now, entry.Active));
        }
    }

    private void CheckVersions(ModelWorld world, ManifestEntry? before, ManifestEntry entry)
    {
        foreach (var version in entry.Versions)
        {
            if (before?.IsDoomed(version.Version) == true)
            {
                rules.Fail("I2", $"{version.Version} was doomed and comes back");
            }

            if (before?.Find(version.Version) is { } known)
            {
                if (!Same(known with { RetiredAt = null }, version with { RetiredAt = null }))
                {
                    rules.Fail("I2", $"what the manifest says of {version.Version} has changed");
                }

                continue;
            }

            if (FindFlaw(world, version) is { } flaw)
            {
                rules.Fail("I2", $"the manifest flips to {version.Version}: {flaw}");
            }

            world.Published[version.Version] = version;
        }

        if (entry.ActiveVersion is null)
        {
            rules.Fail("I2", $"{world.Name} has no active version");
        }
        else if (entry.ActiveVersion.RetiredAt is not null)
        {
            rules.Fail("I6", $"{entry.Active} is active and retired");
        }
    }

    private static bool Same(ManifestVersion one, ManifestVersion other) =>
        ManifestEntry.Same(new ManifestEntry { Versions = [one] }, new ManifestEntry { Versions = [other] });

    /// <summary>What is missing or wrong of a version in the bucket.</summary>
    private string? FindFlaw(ModelWorld world, ManifestVersion version)
    {
        if (run.Upstream.Find(world.Name, version.Source.Digest) is not { } revision)
        {
            return $"there never was a digest {version.Source.Digest}";
        }

        if (!revision.AllPaths.Order(StringComparer.Ordinal).SequenceEqual(version.Files.Select(f => f.Path).Order(StringComparer.Ordinal)))
        {
            return $"its files are not those of {version.Source.Digest}";
        }

        foreach (var file in version.Files)
        {
            if (run.Ledger.Find($"{version.Path}/{file.Path}") is not { } found)
            {
                return $"{file.Path} is missing";
            }

            if (!found.Content.AsSpan().SequenceEqual(revision.Expected(file.Path)) || found.Metadata.Size != file.Size)
            {
                return $"{file.Path} has other bytes than {version.Source.Digest}";
            }

            if (found.Metadata.Generation != file.Generation || found.Metadata.Crc32C != file.Crc32C)
            {
                return $"{file.Path} has generation {found.Metadata.Generation}, stated is {file.Generation}";
            }
        }

        return null;
    }

    private void CheckActivation(Mutation mutation, ModelWorld world, ManifestEntry? before, ManifestEntry entry)
    {
        if (mutation.Process.IsOperator)
        {
            return;
        }

        if (before is not null && (before.Held != entry.Held || !before.Pins.SequenceEqual(entry.Pins)))
        {
            rules.Fail("I4", $"{mutation.Process.Name} changes what only an operator may change of {world.Name}");
        }

        if (before?.Active == entry.Active || entry.ActiveVersion is not { } active)
        {
            return;
        }

        if (before?.Held is { } held && held == active.Source.Digest)
        {
            rules.Fail("I4", $"{mutation.Process.Name} activates {active.Source.Digest}, which an operator holds back");
        }

        var count = world.AutomaticActivations[active.Source.Digest] = world.AutomaticActivations.GetValueOrDefault(active.Source.Digest) + 1;
        if (count > 1)
        {
            rules.Fail("I4", $"{mutation.Process.Name} activates {active.Source.Digest}, the {count}. time that nobody asked for it");
        }
    }

    private void CheckLeavers(ModelWorld world, ManifestEntry? before, ManifestEntry entry)
    {
        foreach (var version in before?.Versions.Where(v => entry.Find(v.Version) is null) ?? [])
        {
            if (!entry.IsDoomed(version.Version))
            {
                rules.Fail("I3", $"{version.Version} is lost: neither kept nor doomed");
            }

            if (version.Version == before!.Active || before.Pins.Contains(version.Version, StringComparer.Ordinal))
            {
                rules.Fail("I6", $"{version.Version} is let go, but it is active or pinned");
            }

            if (world.LastActiveUntil(version.Version) is { } until &&
                TimeSpan.FromTicks(run.Time.Now - until) < run.Retention.GracePeriod - Tolerance)
            {
                rules.Fail("I6", $"{version.Version} is let go {TimeSpan.FromTicks(run.Time.Now - until)} after it was active; the grace period is {run.Retention.GracePeriod}");
            }

            // What comes back after it was pruned is new.
            world.AutomaticActivations.Remove(version.Source.Digest);
        }

        foreach (var doomed in entry.Doomed)
        {
            world.EverDoomed.Add(doomed.Version);
        }
    }
}
