namespace Tabular.Children;

/// <summary>The section <c>Children</c>. It is empty by default: the app then starts no program.</summary>
internal sealed class ChildrenOptions
{
    public const string Section = "Children";

    public List<ChildOptions> Children { get; } = [];
}
