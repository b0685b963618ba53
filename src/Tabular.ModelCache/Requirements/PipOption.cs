namespace Tabular.ModelCache.Requirements;

/// <summary>One option of a line.</summary>
/// <param name="Name">Its long name, whatever form was written: <c>--index-url</c>.</param>
/// <param name="Value">Its value; empty for a switch.</param>
/// <param name="Offset">Where it stands in the line.</param>
internal sealed record PipOption(string Name, string Value, int Offset);
