namespace Tabular.ModelCache;

/// <summary>The exit codes of the process, after <c>sysexits.h</c>.</summary>
public static class ModelCacheExitCodes
{
    /// <summary>Done, nothing to do, or a server that a signal has stopped.</summary>
    public const int Success = 0;

    /// <summary>The command line was not understood (EX_USAGE).</summary>
    public const int Usage = 64;

    /// <summary>The start or the command failed (EX_SOFTWARE); the last Critical log line, or the last line on standard error, says why. Also a command that a signal has stopped before its end.</summary>
    public const int Failed = 70;

    /// <summary>Another process held the lease up to the deadline (EX_TEMPFAIL); nothing was changed, try again later.</summary>
    public const int LeaseBusy = 75;
}
