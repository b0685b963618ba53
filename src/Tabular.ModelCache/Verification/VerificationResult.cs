namespace Tabular.ModelCache.Verification;

/// <summary>What a verification found.</summary>
internal sealed record VerificationResult
{
    public static VerificationResult Verified { get; } = new();

    /// <summary>What the mount does not show, and may show later: a reason to wait.</summary>
    public string? Missing { get; private init; }

    /// <summary>What is there and is wrong: a reason to refuse.</summary>
    public string? Problem { get; private init; }

    public bool IsVerified => Missing is null && Problem is null;

    public static VerificationResult Absent(string what) => new() { Missing = what };

    public static VerificationResult Wrong(string problem) => new() { Problem = problem };
}
