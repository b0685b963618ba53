namespace Tabular.ModelCache.Doctor;

/// <summary>What was observed once for several checks, or why it could not be.</summary>
/// <param name="Value">What was observed; the default when it failed, and when there is nothing to observe.</param>
/// <param name="Failure">Why it failed.</param>
internal sealed record Observed<T>(T? Value, Exception? Failure);
