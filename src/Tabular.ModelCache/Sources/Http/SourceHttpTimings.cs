namespace Tabular.ModelCache.Sources.Http;

/// <summary>The bounds of every request to a source. None of them limits how long a body may take while bytes come.</summary>
internal sealed record SourceHttpTimings
{
    /// <summary>How long a connection may take.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one attempt may take up to the headers of its answer; a registry that fetches from elsewhere needs some seconds.</summary>
    public TimeSpan Headers { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long all attempts of one request may take up to the headers of the answer, waits included.</summary>
    public TimeSpan AllAttempts { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is sent at most.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The wait before the second attempt; it doubles, with jitter.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts that is not asked for by the server.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest <c>Retry-After</c> that is waited for; one beyond it is told to the operator at once.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How long no byte of a body may come before the connection is given up.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many failures in a row, without progress between them, end the reading of a body.</summary>
    public int BodyFailures { get; init; } = 5;
}
