using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Tabular.ModelCache.Requirements;

namespace Tabular.ModelCache.Build;

/// <summary>The MSBuild task behind the item <c>ModelCacheRequirements</c>: audits requirements files, and fails the build where one is not CPU only.</summary>
public sealed class AuditRequirements : Microsoft.Build.Utilities.Task
{
    /// <summary>Gets or sets the requirements files that one run of pip installs together.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Gets or sets the version of Python on the target, <c>3.11</c> or <c>3.11.9</c>; 3.11 when it is not set.</summary>
    public string PythonVersion { get; set; } = TargetEnvironment.DefaultPythonVersion;

    /// <summary>Gets the files that the verdict depends on: those given, and those that they include.</summary>
    [Output]
    public ITaskItem[] AuditedFiles { get; private set; } = [];

    /// <summary>Audits the files.</summary>
    /// <returns>Whether there was no error; warnings are allowed.</returns>
    public override bool Execute()
    {
        if (TargetEnvironment.TryCreate(PythonVersion) is not { } target)
        {
            Log.LogError(
                $"The property ModelCachePythonVersion is '{PythonVersion}'; expected is a version of Python such as {TargetEnvironment.DefaultPythonVersion}.");
            return false;
        }

        var result = RequirementsAuditor.Audit(Files.Select(f => f.GetMetadata("FullPath")), target, Environment.GetEnvironmentVariable);
        foreach (var finding in result.Findings)
        {
            Tell(finding);
        }

        AuditedFiles = [.. result.Files.Select(f => new TaskItem(f))];
        return !Log.HasLoggedErrors;
    }

    private void Tell(AuditFinding finding)
    {
        var (rule, at) = (finding.Rule.Id, finding.At);
        if (finding.IsError)
        {
            Log.LogError(null, rule, null, at.File, at.Line, at.Column, 0, 0, finding.Message);
        }
        else
        {
            Log.LogWarning(null, rule, null, at.File, at.Line, at.Column, 0, 0, finding.Message);
        }
    }
}
