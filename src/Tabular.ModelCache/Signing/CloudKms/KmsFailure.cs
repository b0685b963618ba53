namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>How one attempt of a call failed.</summary>
/// <param name="Message">One line.</param>
/// <param name="MayRepeat">Whether another attempt may help.</param>
/// <param name="Cause">What was thrown, if anything was.</param>
internal sealed record KmsFailure(string Message, bool MayRepeat, Exception? Cause = null)
{
    /// <summary>What the server asked to wait at least.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
