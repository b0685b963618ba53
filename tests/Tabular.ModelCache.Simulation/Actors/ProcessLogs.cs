using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Actors;

/// <summary>The logs of all processes: in the trace when there is one, otherwise nowhere.</summary>
internal sealed class ProcessLogs(VirtualTime time, Trace trace)
{
    public ILogger<T> For<T>(SimulatedProcess process) => trace.IsVerbose ? new ProcessLogger<T>(process, time, trace) : NullLogger<T>.Instance;
}
