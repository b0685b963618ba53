namespace Tabular.Children;

internal static partial class ChildLog
{
    [LoggerMessage(1, LogLevel.Information, "Child {Child} was started as process {ProcessId} with the version {Version}.", EventName = "ChildStarted")]
    public static partial void Started(ILogger logger, string child, int processId, string version);

    [LoggerMessage(2, LogLevel.Information, "Child {Child} answers {Url} after {Seconds:0.0} s.", EventName = "ChildAnswers")]
    public static partial void Answers(ILogger logger, string child, Uri url, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "Child {Child} is down: {Reason}; it is started again in {Seconds:0.0} s.", EventName = "ChildFailed")]
    public static partial void Failed(ILogger logger, string child, string reason, double seconds);

    [LoggerMessage(4, LogLevel.Information, "Child {Child}, process {ProcessId}, is stopped: {Reason}.", EventName = "ChildStopping")]
    public static partial void Stopping(ILogger logger, string child, int processId, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Child {Child}, process {ProcessId}, did not end within {Seconds:0.0} s of SIGTERM and is killed.", EventName = "ChildKilling")]
    public static partial void Killing(ILogger logger, string child, int processId, double seconds);

    [LoggerMessage(6, LogLevel.Error, "Child {Child}, process {ProcessId}, did not end although it was killed: it waits in the kernel, as for a dead mount.", EventName = "ChildStuck")]
    public static partial void Stuck(ILogger logger, string child, int processId);

    [LoggerMessage(7, LogLevel.Information, "{Line}", EventName = "ChildOutput")]
    public static partial void Output(ILogger logger, string line);
}
