using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Simulation.Network;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>The lease object: epochs rise, only its maker changes a generation, and it is taken over only after a whole time to live.</summary>
internal sealed class LeaseRules(Rules rules)
{
    public void OnMutation(Mutation mutation, ModelWorld world)
    {
        switch (mutation.Kind)
        {
            case MutationKind.Write:
                OnWritten(mutation, world);
                break;
            case MutationKind.Patch:
                if (world.Attempts[mutation.Before!.Metadata.Generation].Process != mutation.Process)
                {
                    rules.Fail("lease", $"{mutation.Process.Name} changes the lease of {world.Attempts[mutation.Before.Metadata.Generation].Process.Name}");
                }

                break;
            default:
                rules.Fail("lease", $"{mutation.Process.Name} deletes or moves the lease object '{mutation.Name}'");
                break;
        }

        world.LeaseChangedAt = rules.Run.Time.Now;
    }

    private void OnWritten(Mutation mutation, ModelWorld world)
    {
        var state = LeaseState.Read(mutation.After!.Metadata, rules.Run.Plan.Ttl);
        if (state.Epoch <= world.HighestEpoch)
        {
            rules.Fail("lease", $"{mutation.Process.Name} takes the lease with epoch {state.Epoch}, but there was {world.HighestEpoch}");
        }

        rules.Run.Count("acquired lease");
        if (mutation.Before is { } before && LeaseState.Read(before.Metadata, rules.Run.Plan.Ttl) is { IsReleased: false } previous)
        {
            rules.Run.Count("takeover");
            var unchanged = (rules.Run.Time.Now - world.LeaseChangedAt) * mutation.Process.ClockRate;
            if (unchanged < previous.Ttl.Ticks - TimeSpan.TicksPerMillisecond)
            {
                rules.Fail(
                    "lease",
                    $"{mutation.Process.Name} takes over a lease that was changed {TimeSpan.FromTicks((long)unchanged)} ago by its own clock; its time to live is {previous.Ttl}");
            }
        }

        world.HighestEpoch = Math.Max(world.HighestEpoch, state.Epoch);
        var record = new AttemptRecord(
            mutation.Process, new Attempt(state.Epoch, state.Owner), mutation.After.Metadata.Generation, world.Entry);
        world.Attempts[record.Generation] = record;
        world.Holder = record;
        mutation.Process.Of(world.Name).Attempt = record;
    }
}
