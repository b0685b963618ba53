namespace Tabular.ModelCache.Requirements;

/// <summary>A place in a file.</summary>
/// <param name="File">The full path.</param>
/// <param name="Line">From 1; 0 for the file as a whole.</param>
/// <param name="Column">From 1; 0 for the file as a whole.</param>
internal sealed record SourcePosition(string File, int Line, int Column);
