namespace Tabular.StatusPage;

/// <summary>A warning or an error of the log.</summary>
internal sealed record Problem(DateTimeOffset At, LogLevel Level, string Source, string Text);
