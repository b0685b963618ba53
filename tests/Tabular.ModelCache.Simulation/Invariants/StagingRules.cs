using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Simulation.Network;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>Staging: an attempt fills its own folder only, and takes or removes only what is its own or of an older epoch.</summary>
internal sealed class StagingRules(Simulation run, Rules rules)
{
    public void OnMutation(Mutation mutation, ModelWorld world)
    {
        var owner = mutation.Place.Attempt!.Value;
        if (mutation.After is { } after)
        {
            if (world.FindAttempt(mutation.Place.Folder)?.Process != mutation.Process)
            {
                rules.Fail("I2", $"{mutation.Process.Name} puts {mutation.Name} into a staging folder that is not its own");
            }

            if (mutation.Before is not null)
            {
                rules.Fail("I2", $"{mutation.Process.Name} overwrites {mutation.Name}");
            }

            if (after.Metadata.Metadata.TryGetValue(StagedFiles.Sha256Key, out var sha256) && Sha256Hex.Of(after.Content) != sha256)
            {
                rules.Fail("I2", $"{mutation.Name} is marked with a digest that its bytes do not have");
            }

            return;
        }

        if (world.FindAttempt(mutation.Place.Folder)?.Process != mutation.Process &&
            !world.Attempts.Values.Any(a => a.Process == mutation.Process && a.Attempt.Epoch > owner.Epoch))
        {
            rules.Fail("I2", $"{mutation.Process.Name} takes {mutation.Name} away, which belongs to a later attempt or to one of its own epoch");
        }

        if (mutation.Kind == MutationKind.MoveOut && ObjectPlace.Of(mutation.Other!).Kind == PlaceKind.Staging)
        {
            run.Count("resumed file");
        }
    }
}
