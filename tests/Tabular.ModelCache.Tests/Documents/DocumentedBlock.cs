namespace Tabular.ModelCache.Tests.Documents;

/// <summary>A block of code in a document.</summary>
/// <param name="Language">What stands behind the opening fence; empty for an indented block.</param>
/// <param name="Text">Its lines.</param>
/// <param name="Before">The HTML that stands right before it, if any.</param>
/// <param name="Line">The line of the opening fence, from 1 on.</param>
internal sealed record DocumentedBlock(string Language, string Text, string? Before, int Line)
{
    public bool IsForAShell => Language is "bash" or "sh" or "shell" or "console";
}
