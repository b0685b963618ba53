namespace Tabular.ModelCache.Simulation.Faults;

/// <summary>What goes wrong with one request to the store.</summary>
internal enum RequestFault
{
    None,

    /// <summary>It fails and takes no effect.</summary>
    FailBefore,

    /// <summary>The store says that the object is changed too often.</summary>
    RateLimited,

    /// <summary>It takes effect, but no answer comes; the client gives up after a time.</summary>
    LostResponse,

    /// <summary>The client gives up, and the request arrives some time later.</summary>
    Late,

    /// <summary>It takes effect, the answer is lost, and a client below repeats it and reports what it then sees.</summary>
    RetriedBelow,

    /// <summary>It takes long.</summary>
    Slow,

    /// <summary>The stream of a read breaks.</summary>
    Truncated,

    /// <summary>The process is stopped just before it sends.</summary>
    PauseBefore,

    /// <summary>The process is stopped when the request is on its way.</summary>
    PauseAfter,

    /// <summary>The process dies just before it sends.</summary>
    CrashBefore,

    /// <summary>The process dies when the request is on its way.</summary>
    CrashAfter,
}
