using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>What of a log record is a contract.</summary>
internal sealed record LoggedEvent(int Id, string? Name, LogLevel Level, string Category, string Template);
