using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Operations;

/// <summary>Log messages about changes by hand: events 500 to 519.</summary>
internal static partial class OperationLog
{
    [LoggerMessage(500, LogLevel.Warning, "Rolled back {ModelName} from {FromVersion} to {Version}; held back is {Digest}. Reason: {Reason}", EventName = "RolledBack")]
    public static partial void RolledBack(ILogger logger, string modelName, string? fromVersion, string? version, string? digest, string reason);

    [LoggerMessage(501, LogLevel.Warning, "Activated {Version} of {ModelName} by hand in the place of {FromVersion}; nothing is held back.", EventName = "ActivatedByHand")]
    public static partial void Activated(ILogger logger, string modelName, string? version, string? fromVersion);

    [LoggerMessage(502, LogLevel.Information, "{Version} of {ModelName} is {PinState}.", EventName = "PinChanged")]
    public static partial void PinChanged(ILogger logger, string modelName, string version, string pinState);
}
