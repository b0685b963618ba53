using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Sources;

/// <summary>Log messages about sources: events 400 to 499.</summary>
internal static partial class SourceLog
{
    [LoggerMessage(400, LogLevel.Warning, "The source of {ModelName} does not look like a model of the kind {Kind}: {Reason}. It is published as it is.", EventName = "LayoutDoubtful")]
    public static partial void LayoutDoubtful(ILogger logger, string modelName, string kind, string reason);

    [LoggerMessage(401, LogLevel.Information, "Pulling {OllamaName} with the program {Program} into {Folder}", EventName = "PullingWithProgram")]
    public static partial void PullingWithProgram(ILogger logger, string ollamaName, string program, string folder);

    [LoggerMessage(402, LogLevel.Warning, "The scratch folder {Folder} could not be removed: {Reason}. Remove it by hand.", EventName = "ScratchLeft")]
    public static partial void ScratchLeft(ILogger logger, string folder, string reason);

    [LoggerMessage(403, LogLevel.Warning, "GET {Address} failed ({Reason}), attempt {Attempt} of {Attempts}; the next one is made in {DelayMs} ms.", EventName = "Retrying")]
    public static partial void Retrying(ILogger logger, string address, int attempt, int attempts, long delayMs, string reason);

    [LoggerMessage(404, LogLevel.Warning, "Port {Port} of 127.0.0.1, meant for {Program}, was taken meanwhile ({Reason}); another one is tried.", EventName = "PortTaken")]
    public static partial void PortTaken(ILogger logger, int port, string program, string reason);
}
