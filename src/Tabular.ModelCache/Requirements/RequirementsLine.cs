namespace Tabular.ModelCache.Requirements;

/// <summary>A line of a requirements file, split into requirement and options as pip splits it.</summary>
/// <param name="File">The full path of the file.</param>
/// <param name="Source">The line.</param>
/// <param name="Text">The requirement, of <c>-e</c> too; empty on a line of options.</param>
/// <param name="IsEditable">Whether it is one of <c>-e</c>.</param>
/// <param name="IsConstraint">Whether the file is one of constraints, which install nothing.</param>
/// <param name="Options">Its options.</param>
internal sealed record RequirementsLine(string File, LogicalLine Source, string Text, bool IsEditable, bool IsConstraint, PipOptions Options)
{
    public bool IsRequirement => Text.Length > 0;

    /// <summary>Splits a line: the requirement ends before the first word, by single spaces, that starts with a hyphen.</summary>
    public static RequirementsLine Parse(string file, LogicalLine source, bool isConstraint)
    {
        var text = source.Text;
        var split = text[0] == '-' ? 0 : text.IndexOf(" -", StringComparison.Ordinal) + 1;
        split = split == 0 && text[0] != '-' ? text.Length : split;
        var options = PipOptions.Parse(text[split..], split);
        var requirement = text[..split].TrimEnd(' ');
        var editable = requirement.Length == 0 ? options.Named(PipOptions.Editable).FirstOrDefault()?.Value : null;
        return new RequirementsLine(file, source, editable ?? requirement, !string.IsNullOrEmpty(editable), isConstraint, options);
    }

    public SourcePosition At(int offset = 0) => Source.Locate(File, offset);
}
