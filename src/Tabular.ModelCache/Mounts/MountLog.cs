using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Mounts;

/// <summary>Log messages about the mount: events 140 to 149.</summary>
internal static partial class MountLog
{
    [LoggerMessage(140, LogLevel.Warning, "The mount may show another bucket: {Doubt}.", EventName = "MountOfAnotherBucket")]
    public static partial void OtherBucket(ILogger logger, string doubt);
}
