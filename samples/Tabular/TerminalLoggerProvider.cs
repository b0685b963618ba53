using Spectre.Console;

namespace Tabular;

/// <summary>Writes log lines through the console that also draws the bars, so that neither tears the other.</summary>
internal sealed class TerminalLoggerProvider(IAnsiConsole console) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new TerminalLogger(console, categoryName);

    public void Dispose()
    {
    }

    private sealed class TerminalLogger(IAnsiConsole console, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var (name, color) = logLevel switch
            {
                LogLevel.Trace or LogLevel.Debug => ("dbug", "grey"),
                LogLevel.Information => ("info", "green"),
                LogLevel.Warning => ("warn", "yellow"),
                LogLevel.Error => ("fail", "red"),
                _ => ("crit", "red"),
            };
            var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}{Environment.NewLine}{exception}";

            // The other log looks alike: level, category and event, then the message.
            console.MarkupLineInterpolated($"[{color}]{name}[/]: {category}[[{eventId.Id}]]{Environment.NewLine}      {text}");
        }
    }
}
