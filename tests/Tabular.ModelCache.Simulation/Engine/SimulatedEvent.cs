namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>Something that will happen.</summary>
/// <param name="Owner">The process whose code it runs: dropped when that has crashed, deferred while it is stopped.</param>
/// <param name="Label">What it is, for the trace.</param>
/// <param name="Run">The code.</param>
/// <param name="IsEffect">Whether it may change the store.</param>
internal readonly record struct SimulatedEvent(SimulatedProcess? Owner, string Label, Action Run, bool IsEffect);
