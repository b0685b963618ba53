namespace Tabular.ModelCache.Testing;

/// <summary>What a <see cref="CloudStorageServer"/> does wrong with one request.</summary>
/// <remarks>Use a factory for a common fault; combine properties with <c>with</c> for others.</remarks>
public sealed record CloudStorageFault
{
    /// <summary>Gets the HTTP status to answer with instead of the right one.</summary>
    public int? Status { get; init; }

    /// <summary>Gets the machine-readable reason in Google's error JSON.</summary>
    /// <value>The default is <c>backendError</c>.</value>
    public string Reason { get; init; } = "backendError";

    /// <summary>Gets the message in Google's error JSON.</summary>
    public string Message { get; init; } = "Injected fault";

    /// <summary>Gets a body to send instead of Google's error JSON: HTML of a proxy, plain text, nothing.</summary>
    public string? RawBody { get; init; }

    /// <summary>Gets the <c>Retry-After</c> to send, in whole seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets whether the connection is reset.</summary>
    public bool Reset { get; init; }

    /// <summary>Gets whether the answer never comes; the connection stays open until the client closes it.</summary>
    public bool Stall { get; init; }

    /// <summary>Gets whether the request takes effect before it fails: a lost response.</summary>
    public bool AfterEffect { get; init; }

    /// <summary>Gets how long the request is held before anything else happens to it.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Gets after how many bytes of the answer's body the <see cref="Reset"/> or <see cref="Stall"/> happens.</summary>
    public long? BodyLimit { get; init; }

    /// <summary>Gets how many bytes of an upload's chunk are kept at the most, in whole 256 KiB; the rest is dropped.</summary>
    public long? PersistLimit { get; init; }

    /// <summary>Gets whether every checksum in the answer is wrong.</summary>
    public bool WrongChecksums { get; init; }

    /// <summary>Gets whether the answer ignores a <c>Range</c> of the request, as some servers do.</summary>
    public bool IgnoreRange { get; init; }

    internal bool FailsBefore => !AfterEffect && BodyLimit is null && PersistLimit is null && (Status is not null || Reset || Stall);

    internal bool FailsAfter => (AfterEffect || PersistLimit is not null) && BodyLimit is null && (Status is not null || Reset || Stall);

    /// <summary>Answers with an error; the request takes no effect.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="reason">The reason in Google's error JSON.</param>
    /// <param name="message">The message in Google's error JSON.</param>
    /// <returns>The fault.</returns>
    public static CloudStorageFault Error(int status, string reason = "backendError", string message = "Injected fault") =>
        new() { Status = status, Reason = reason, Message = message };

    /// <summary>Resets the connection; the request takes no effect.</summary>
    /// <returns>The fault.</returns>
    public static CloudStorageFault ResetBefore() => new() { Reset = true };

    /// <summary>Lets the request take effect and resets the connection instead of answering.</summary>
    /// <returns>The fault.</returns>
    public static CloudStorageFault LoseResponse() => new() { Reset = true, AfterEffect = true };

    /// <summary>Breaks the connection in the middle of the answer's body.</summary>
    /// <param name="bytes">How many bytes of the body are sent before.</param>
    /// <returns>The fault.</returns>
    public static CloudStorageFault Truncate(long bytes) => new() { Reset = true, BodyLimit = bytes };

    /// <summary>Sends nothing more in the middle of the answer's body, and keeps the connection open.</summary>
    /// <param name="bytes">How many bytes of the body are sent before.</param>
    /// <returns>The fault.</returns>
    public static CloudStorageFault StallAfter(long bytes) => new() { Stall = true, BodyLimit = bytes };

    /// <summary>Holds the request, then serves it.</summary>
    /// <param name="latency">How long, by the clock of the server.</param>
    /// <returns>The fault.</returns>
    public static CloudStorageFault Delay(TimeSpan latency) => new() { Latency = latency };
}
