namespace Tabular.ModelCache.Requirements;

/// <summary>How bad a finding of the audit is.</summary>
internal enum AuditSeverity
{
    /// <summary>Doubtful: whether it brings GPU code cannot be told from the files.</summary>
    Warning,

    /// <summary>GPU code for certain, or not proven to be CPU only.</summary>
    Error,
}
