namespace Tabular.ModelCache.Startup;

/// <summary>Why a model that is served is not as it should be; each reason comes and goes by itself.</summary>
/// <param name="Fallback">Why an older version was served at the start.</param>
/// <param name="Gone">That the manifest does not have the served version any more.</param>
/// <param name="Refused">Why the version that is wanted now is not served.</param>
internal sealed record ServingDoubts(string? Fallback, string? Gone = null, string? Refused = null)
{
    /// <summary>The one that tells most about what to do; <see langword="null"/> when there is none.</summary>
    public string? Reason => Refused ?? Gone ?? Fallback;
}
