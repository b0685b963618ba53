namespace Tabular.ModelCache.Requirements;

/// <summary>A word of an environment marker.</summary>
/// <param name="Text">The word, without its quotes.</param>
/// <param name="IsValue">Whether it stood in quotes.</param>
internal sealed record MarkerToken(string Text, bool IsValue);
