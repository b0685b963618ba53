using Microsoft.Extensions.Logging;

#pragma warning disable SYSLIB1015 // cache_hit is wanted in the state, as a boolean; the text has it in lower case.

namespace Tabular.ModelCache.Diagnostics;

/// <summary>Log messages about the start of an instance: events 100 to 139.</summary>
/// <remarks>
/// The word <c>cache_hit</c> is a contract: <c>true</c> or <c>false</c> in lower case in the text, and a boolean of that name in the
/// state. A boolean placeholder would read True and False, hence one message each.
/// </remarks>
internal static partial class StartupLog
{
    [LoggerMessage(100, LogLevel.Information, "Model cache: {PreviousState} -> {State}. {Reason}", EventName = "StateChanged")]
    public static partial void StateChanged(ILogger logger, ModelCacheState previousState, ModelCacheState state, string reason);

    public static void ModelReady(ILogger logger, CachedModel model)
    {
        if (model.CacheHit)
        {
            ModelHit(logger, model.Name, model.Version, ModelCacheMetrics.NameOf(model.Outcome), model.Path, cache_hit: true);
        }
        else
        {
            ModelPulled(logger, model.Name, model.Version, ModelCacheMetrics.NameOf(model.Outcome), model.Path, cache_hit: false);
        }
    }

    public static void InstanceReady(ILogger logger, bool cacheHit, CacheOutcome outcome, long elapsedMs)
    {
        if (cacheHit)
        {
            InstanceHit(logger, ModelCacheMetrics.NameOf(outcome), elapsedMs, cache_hit: true);
        }
        else
        {
            InstancePulled(logger, ModelCacheMetrics.NameOf(outcome), elapsedMs, cache_hit: false);
        }
    }

    [LoggerMessage(101, LogLevel.Information, "Model {ModelName} is verified: cache_hit=true outcome={Outcome} version={Version} path={MountPath}", EventName = "ModelReady")]
    private static partial void ModelHit(ILogger logger, string modelName, string version, string outcome, string mountPath, bool cache_hit);

    [LoggerMessage(102, LogLevel.Information, "Model {ModelName} is verified: cache_hit=false outcome={Outcome} version={Version} path={MountPath}", EventName = "ModelPulled")]
    private static partial void ModelPulled(ILogger logger, string modelName, string version, string outcome, string mountPath, bool cache_hit);

    [LoggerMessage(103, LogLevel.Information, "The gate is open: cache_hit=true outcome={Outcome} after {ElapsedMs} ms", EventName = "GateOpened")]
    private static partial void InstanceHit(ILogger logger, string outcome, long elapsedMs, bool cache_hit);

    [LoggerMessage(104, LogLevel.Information, "The gate is open: cache_hit=false outcome={Outcome} after {ElapsedMs} ms", EventName = "GateOpenedAfterPull")]
    private static partial void InstancePulled(ILogger logger, string outcome, long elapsedMs, bool cache_hit);

    [LoggerMessage(110, LogLevel.Critical, "The model cache failed and this instance will not serve: {Reason}", EventName = "StartFailed")]
    public static partial void Failed(ILogger logger, string reason, Exception? exception);

    [LoggerMessage(111, LogLevel.Warning, "Serving {Version} of {ModelName} instead of what is wanted: {Reason}", EventName = "FellBack")]
    public static partial void FellBack(ILogger logger, string modelName, string version, string reason);

    [LoggerMessage(112, LogLevel.Information, "{ModelName}: {Bytes} of {TotalBytes} bytes, {BytesPerSecond} bytes per second, {SecondsLeft} s left.", EventName = "Progress")]
    public static partial void Progress(ILogger logger, string modelName, long bytes, long totalBytes, long bytesPerSecond, long secondsLeft);

    [LoggerMessage(113, LogLevel.Warning, "Lost the pull of {ModelName} to another process, waiting for it: {Reason}", EventName = "PullLost")]
    public static partial void PullLost(ILogger logger, string modelName, string reason);

    [LoggerMessage(120, LogLevel.Warning, "The mount did not answer a probe ({Failures} in a row): {Reason}", EventName = "ProbeFailed")]
    public static partial void ProbeFailed(ILogger logger, int failures, string reason);

    [LoggerMessage(121, LogLevel.Debug, "The manifest could not be looked at; what is served is verified and stays: {Reason}", EventName = "ManifestPollFailed")]
    public static partial void ManifestPollFailed(ILogger logger, string reason);

    [LoggerMessage(122, LogLevel.Information, "The manifest has {Version} of {ModelName} active; this instance serves {ServedVersion}.", EventName = "UpdateAvailable")]
    public static partial void UpdateAvailable(ILogger logger, string modelName, string version, string servedVersion);

    // Without cache_hit, which tells of starts: following pulls nothing.
    [LoggerMessage(130, LogLevel.Information, "Model {ModelName} is served in the version {Version} from now on, verified, instead of {PreviousVersion}: path={MountPath}", EventName = "ModelUpdated")]
    public static partial void ModelUpdated(ILogger logger, string modelName, string version, string previousVersion, string mountPath);

    [LoggerMessage(131, LogLevel.Warning, "{ServedVersion} of {ModelName} stays served, because {Version} failed its verification: {Reason}", EventName = "UpdateRefused")]
    public static partial void UpdateRefused(ILogger logger, string modelName, string version, string servedVersion, string reason);

    [LoggerMessage(132, LogLevel.Debug, "{Version} of {ModelName} could not be verified yet: {Reason}", EventName = "UpdatePostponed")]
    public static partial void UpdatePostponed(ILogger logger, string modelName, string version, string reason);

    [LoggerMessage(133, LogLevel.Error, "An unexpected error kept {ModelName} from its version {Version}; what is served stays.", EventName = "UpdateFailed")]
    public static partial void UpdateFailed(ILogger logger, string modelName, string version, Exception exception);

    [LoggerMessage(134, LogLevel.Error, "A handler of ModelUpdated threw for {ModelName}, version {Version}; the version is served all the same.", EventName = "UpdateHandlerFailed")]
    public static partial void UpdateHandlerFailed(ILogger logger, string modelName, string version, Exception exception);
}
