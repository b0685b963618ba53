namespace Tabular.ModelCache.Signing;

/// <summary>The place of a part in a document: a chain that becomes text only for a message, because a document has a place per value.</summary>
internal sealed class StrictPath(StrictPath? parent, string? name, int index)
{
    public override string ToString() =>
        name is null ? $"{parent}[{index}]" : parent is null ? name : $"{parent}.{name}";
}
