namespace Tabular.Children;

/// <summary>Where one child stands.</summary>
internal sealed record ChildStatus
{
    public ChildState State { get; init; }

    public DateTimeOffset Since { get; init; }

    /// <summary>The version of the model that it reads, or read last.</summary>
    public string? Version { get; init; }

    public int? ProcessId { get; init; }

    /// <summary>How often it was started again after a failure; going on to another version does not count.</summary>
    public int Restarts { get; init; }

    /// <summary>128 and the number of the signal where that was a signal; <see langword="null"/> until it has ended once.</summary>
    public int? LastExitCode { get; init; }

    /// <summary>Why it is down, or was the last time, in one line.</summary>
    public string? Reason { get; init; }
}
