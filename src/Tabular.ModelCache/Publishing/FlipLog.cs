using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Publishing;

/// <summary>Log messages about flips of the manifest: events 340 to 349.</summary>
internal static partial class FlipLog
{
    [LoggerMessage(340, LogLevel.Debug, "The flip of {ModelName} was not confirmed at try {Attempt}, reading the manifest again: {Reason}", EventName = "FlipRetry")]
    public static partial void Retrying(ILogger logger, string modelName, int attempt, string reason);
}
