using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Network;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>The folders of versions: filled from one's own staging, sealed by <c>.done</c>, and emptied only when doomed.</summary>
internal sealed class VersionRules(Simulation run, Rules rules)
{
    public void OnMutation(Mutation mutation, ModelWorld world)
    {
        var (version, path) = (mutation.Place.Folder, mutation.Place.Path);
        var isHolder = world.Holder?.Process == mutation.Process;
        if (world.Entry?.Find(version) is not null)
        {
            rules.Fail("I2", $"{mutation.Process.Name} did {mutation.Kind} to {mutation.Name}, and the version is in the manifest");
        }

        if (!isHolder)
        {
            run.Count("change by a former holder");
        }

        if (mutation.After is null)
        {
            if (mutation.Kind != MutationKind.Delete)
            {
                rules.Fail("I2", $"{mutation.Process.Name} moves {mutation.Name} away");
            }

            if (world.Entry?.IsDoomed(version) != true)
            {
                rules.Fail("I2", $"{mutation.Process.Name} deletes {mutation.Name}, and the version is not doomed");
            }

            return;
        }

        if (mutation.Before is not null)
        {
            rules.Fail("I2", $"{mutation.Process.Name} overwrites {mutation.Name}");
        }

        if (isHolder && world.Entry?.IsDoomed(version) == true)
        {
            rules.Fail("I2", $"{mutation.Process.Name} fills {mutation.Name}, and the version is doomed");
        }

        if (mutation.Kind == MutationKind.MoveIn)
        {
            var source = ObjectPlace.Of(mutation.Other!);
            if (source.Kind != PlaceKind.Staging || world.FindAttempt(source.Folder)?.Process != mutation.Process)
            {
                rules.Fail("I2", $"{mutation.Process.Name} promotes '{mutation.Other}', which it did not stage");
            }
        }

        if (run.Upstream.FindByVersion(world.Name, version) is not { } revision || revision.Expected(path) is not { } expected)
        {
            rules.Fail("I2", $"{mutation.Name} belongs to no revision of {world.Name}");
        }
        else if (!expected.AsSpan().SequenceEqual(mutation.After.Content))
        {
            rules.Fail("I2", $"{mutation.Process.Name} puts other bytes into {mutation.Name} than {revision.Digest} has");
        }
        else if (path == VersionFiles.Done && isHolder &&
            revision.AllPaths.FirstOrDefault(p => run.Ledger.Find($"{world.Kind}/{version}/{p}") is null) is { } missing)
        {
            // A former holder's late `.done` can land in a folder that is being made anew; nobody trusts it alone.
            rules.Fail("I2", $"{mutation.Process.Name} writes {mutation.Name} before {missing} is there");
        }
    }

    /// <summary>After a sync in peace: every object is the manifest's, a lease, a file of a kept version, or in a doomed folder.</summary>
    public void OnRest()
    {
        foreach (var name in run.Ledger.LiveNames)
        {
            var place = ObjectPlace.Of(name);
            var isNeeded = place.Kind switch
            {
                PlaceKind.Manifest or PlaceKind.Lease => true,
                PlaceKind.Version => rules.Models[place.Model].Entry is { } entry &&
                    (entry.IsDoomed(place.Folder) || entry.Find(place.Folder)?.Files.Any(f => f.Path == place.Path) == true),
                _ => false,
            };
            if (!isNeeded)
            {
                rules.Fail("I5", $"{name} is left over: a sync has run undisturbed, and nothing refers to it");
            }
        }
    }
}
