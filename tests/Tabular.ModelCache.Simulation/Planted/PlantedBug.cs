using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>
/// A mistake in the protocol, made on purpose to prove that the simulation finds it. It sits between the real parts and the network of
/// one process, so that shipped code needs no switch for it.
/// </summary>
internal abstract class PlantedBug
{
    public string Name => GetType().Name;

    /// <summary>Wraps what everything but the lease uses.</summary>
    public virtual IObjectStore WrapMain(IObjectStore store, Simulation run, SimulatedProcess process) => store;

    /// <summary>Wraps what the lease uses.</summary>
    public virtual IObjectStore WrapLease(IObjectStore store, Simulation run, SimulatedProcess process) => store;

    /// <summary>Wraps what the publisher, the flipper and the pruner use; <paramref name="store"/> is the main store, wrapped.</summary>
    public virtual IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => store;

    /// <summary>Wraps the clock of the lease.</summary>
    public virtual TimeProvider WrapLeaseClock(TimeProvider clock, SimulatedProcess process) => clock;

    public virtual IModelMount WrapMount(IModelMount mount, Simulation run, SimulatedProcess process) => mount;
}
