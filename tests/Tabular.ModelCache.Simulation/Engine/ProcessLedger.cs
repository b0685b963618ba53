using Tabular.ModelCache.Simulation.Invariants;

namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>What one process has done about one model.</summary>
internal sealed class ProcessLedger
{
    /// <summary>Gets or sets how often it asked the source for anything.</summary>
    public int SourceRequests { get; set; }

    public long SourceBytes { get; set; }

    public int Mutations { get; set; }

    /// <summary>Gets or sets the last lease that it wrote.</summary>
    public AttemptRecord? Attempt { get; set; }
}
