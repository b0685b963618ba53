using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Doctor;

/// <summary>What is wrong: the answer of <c>model-cache doctor</c>.</summary>
/// <param name="Findings">What is wrong, in the order of the checks: the cause before its consequences.</param>
/// <param name="Notes">What could not be seen from here.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record DoctorReport(IReadOnlyList<Finding> Findings, IReadOnlyList<DoctorNote> Notes, double Seconds)
{
    [JsonIgnore]
    public int Errors => Findings.Count(f => f.Severity == FindingSeverity.Error);

    [JsonIgnore]
    public int ExitCode => Errors == 0 ? ModelCacheExitCodes.Success : ModelCacheExitCodes.Failed;
}
