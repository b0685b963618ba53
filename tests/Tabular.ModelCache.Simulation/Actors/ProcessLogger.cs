using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Actors;

/// <summary>Writes what a process logs into the trace.</summary>
internal sealed class ProcessLogger<T>(SimulatedProcess process, VirtualTime time, Trace trace) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        trace.Say(time.Now, process.Id, $"  {logLevel}: {formatter(state, exception)}");
}
