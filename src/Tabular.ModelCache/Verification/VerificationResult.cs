using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Verification;

/// <summary>What a verification found.</summary>
internal sealed record VerificationResult
{
    public static VerificationResult Verified { get; } = new();

    /// <summary>What the mount does not show, and may show later: a reason to wait.</summary>
    public string? Missing { get; private init; }

    /// <summary>Whether it is the mount that does not show it, not the store.</summary>
    public bool IsMissingOnMount { get; private init; }

    /// <summary>Whether it is a whole folder that the mount does not show.</summary>
    public bool IsMissingFolder { get; private init; }

    /// <summary>What is there and is wrong: a reason to refuse.</summary>
    public string? Problem { get; private init; }

    public bool IsVerified => Missing is null && Problem is null;

    /// <summary>What is wrong or missing, for where nothing is waited for; <see langword="null"/> when nothing is.</summary>
    public string? Flaw => Problem?.TrimEnd('.') ?? (Missing is null ? null : $"{Missing} is missing");

    public static VerificationResult Absent(string what) => new() { Missing = what };

    public static VerificationResult AbsentOnMount(string path, string root) => new() { Missing = $"{path} on the mount {root}", IsMissingOnMount = true };

    public static VerificationResult FolderAbsentOnMount(string path, string root) =>
        AbsentOnMount($"the folder {path}", root) with { IsMissingFolder = true };

    public static VerificationResult Wrong(string problem) => new() { Problem = problem };

    public static VerificationResult Wrong(ManifestVersion version, string path, string expected, string found) => Wrong(
        $"The file {version.Path}/{path} is not what was published: expected {expected}, found {found}; publish the model again, or roll back.");
}
