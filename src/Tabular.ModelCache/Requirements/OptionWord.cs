namespace Tabular.ModelCache.Requirements;

/// <summary>A word among the options of a line.</summary>
/// <param name="Text">The word, without its quotes.</param>
/// <param name="Offset">Where it stands.</param>
internal sealed record OptionWord(string Text, int Offset);
