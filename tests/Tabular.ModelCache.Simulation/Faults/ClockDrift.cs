namespace Tabular.ModelCache.Simulation.Faults;

/// <summary>How far the rates of clocks lie apart.</summary>
internal enum ClockDrift
{
    None,
    WithinMargin,
    BeyondMargin,
}
