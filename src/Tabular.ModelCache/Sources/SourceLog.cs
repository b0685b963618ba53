using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Sources;

/// <summary>Log messages about sources: events 400 to 499.</summary>
internal static partial class SourceLog
{
    [LoggerMessage(400, LogLevel.Warning, "The source of {ModelName} does not look like a model of the kind {Kind}: {Reason}. It is published as it is.", EventName = "LayoutDoubtful")]
    public static partial void LayoutDoubtful(ILogger logger, string modelName, string kind, string reason);
}
