using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Leases;

/// <summary>Log messages about leases: events 200 to 299.</summary>
internal static partial class LeaseLog
{
    [LoggerMessage(200, LogLevel.Information, "Acquired the lease of {ModelName} as attempt {Attempt}.", EventName = "LeaseAcquired")]
    public static partial void Acquired(ILogger logger, string modelName, string attempt);

    [LoggerMessage(201, LogLevel.Information, "Released the lease of {ModelName}, attempt {Attempt}.", EventName = "LeaseReleased")]
    public static partial void Released(ILogger logger, string modelName, string attempt);

    [LoggerMessage(202, LogLevel.Warning, "Lost the lease of {ModelName}, attempt {Attempt}: {Reason}.", EventName = "LeaseLost")]
    public static partial void Lost(ILogger logger, string modelName, string attempt, string reason);

    [LoggerMessage(203, LogLevel.Warning, "Taking over the lease of {ModelName} from {Owner} on {Host}, which did not renew it for {TtlMs} ms.", EventName = "LeaseTakeover")]
    public static partial void TakingOver(ILogger logger, string modelName, string owner, string host, long ttlMs);

    [LoggerMessage(204, LogLevel.Warning, "A renewal of the lease of {ModelName} failed: {Reason}.", EventName = "LeaseRenewalFailed")]
    public static partial void RenewalFailed(ILogger logger, string modelName, string reason);

    [LoggerMessage(205, LogLevel.Debug, "Could not tell whether the lease of {ModelName} is free: {Reason}.", EventName = "LeaseTryFailed")]
    public static partial void TryFailed(ILogger logger, string modelName, string reason);

    [LoggerMessage(206, LogLevel.Warning, "Could not release the lease of {ModelName}, attempt {Attempt}; it ends by itself within {TtlMs} ms: {Reason}.", EventName = "LeaseReleaseFailed")]
    public static partial void ReleaseFailed(ILogger logger, string modelName, string attempt, long ttlMs, string reason);

    [LoggerMessage(207, LogLevel.Information, "Watching the lease of {ModelName}, held by {Owner} on {Host}, for {TtlMs} ms.", EventName = "LeaseWatched")]
    public static partial void Watching(ILogger logger, string modelName, string owner, string host, long ttlMs);

    [LoggerMessage(208, LogLevel.Warning, "Released the lease of {ModelName}, epoch {Epoch}, in the place of {Owner} on {Host}.", EventName = "LeaseUnlocked")]
    public static partial void Unlocked(ILogger logger, string modelName, long epoch, string owner, string host);

    [LoggerMessage(209, LogLevel.Information, "Waiting up to {PatienceMs} ms for the lease of {ModelName}, which {Host} holds.", EventName = "LeaseAwaited")]
    public static partial void Waiting(ILogger logger, string modelName, string host, long patienceMs);
}
