using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Publishing;

/// <summary>Log messages about publishing: events 300 to 339.</summary>
internal static partial class PublishLog
{
    [LoggerMessage(300, LogLevel.Information, "Resolved {ModelName} from {Source} to {Digest}: {FileCount} files, {Bytes} bytes.", EventName = "SourceResolved")]
    public static partial void Resolved(ILogger logger, string modelName, string source, string digest, int fileCount, long bytes);

    [LoggerMessage(301, LogLevel.Information, "Published {ModelName} as {Version}: {Bytes} bytes, {BytesPulled} pulled, {BytesCopied} copied on the server.", EventName = "VersionPublished")]
    public static partial void Published(ILogger logger, string modelName, string version, long bytes, long bytesPulled, long bytesCopied);

    [LoggerMessage(302, LogLevel.Information, "Adopted {Version} of {ModelName}: another process had finished it, but not made it active.", EventName = "VersionAdopted")]
    public static partial void Adopted(ILogger logger, string modelName, string version);

    [LoggerMessage(303, LogLevel.Information, "Activated {Version} of {ModelName}, which was kept already.", EventName = "VersionActivated")]
    public static partial void Activated(ILogger logger, string modelName, string version);

    [LoggerMessage(304, LogLevel.Warning, "The source of {ModelName} is at {Digest}, which is kept as {Version} but was active before; it is not activated again by itself.", EventName = "VersionHeld")]
    public static partial void Held(ILogger logger, string modelName, string digest, string version);

    [LoggerMessage(307, LogLevel.Warning, "The source of {ModelName} is at {Digest}, from which an operator rolled back; it is not pulled again by itself.", EventName = "DigestHeldBack")]
    public static partial void HeldBack(ILogger logger, string modelName, string digest);

    [LoggerMessage(305, LogLevel.Warning, "Could not remove what is no longer needed of {ModelName}; the next run tries again: {Reason}", EventName = "TidyFailed")]
    public static partial void TidyFailed(ILogger logger, string modelName, string reason);

    [LoggerMessage(306, LogLevel.Information, "Removed {Versions} of {ModelName} from the manifest and the store.", EventName = "VersionsPruned")]
    public static partial void Pruned(ILogger logger, string modelName, string versions);

    [LoggerMessage(308, LogLevel.Warning, "The active version {Version} of {ModelName} is damaged: {Problem}.", EventName = "VersionDamaged")]
    public static partial void Damaged(ILogger logger, string modelName, string version, string problem);

    [LoggerMessage(309, LogLevel.Warning, "The active version {Version} of {ModelName} is published again, to be signed: {Problem}.", EventName = "VersionNotSigned")]
    public static partial void NotSigned(ILogger logger, string modelName, string version, string problem);

    [LoggerMessage(310, LogLevel.Information, "Signed the manifest with the present key, by a flip to sequence {Sequence}.", EventName = "ManifestSigned")]
    public static partial void ManifestSigned(ILogger logger, long sequence);

    [LoggerMessage(311, LogLevel.Warning, "{Version} of {ModelName}, which another process had finished, has no signature by a trusted key; its content is published again.", EventName = "VersionNotAdopted")]
    public static partial void NotAdopted(ILogger logger, string modelName, string version);
}
