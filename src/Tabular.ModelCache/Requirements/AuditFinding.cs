namespace Tabular.ModelCache.Requirements;

/// <summary>One place where a rule is broken.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="At">Where.</param>
/// <param name="Evidence">What was found there, one sentence. Never a password of a URL.</param>
internal sealed record AuditFinding(AuditRule Rule, SourcePosition At, string Evidence)
{
    public bool IsError => Rule.Severity == AuditSeverity.Error;

    /// <summary>Gets what was found and what to do.</summary>
    public string Message => $"{Evidence} {Rule.Cure}";

    /// <summary>The form that editors and build logs make a link of: <c>path(line,column): error MC1001: message</c>.</summary>
    public override string ToString()
    {
        var place = At.Line == 0 ? At.File : $"{At.File}({At.Line},{At.Column})";
        return $"{place}: {(IsError ? "error" : "warning")} {Rule.Id}: {Message}";
    }
}
