namespace Tabular.ModelCache.Doctor;

/// <summary>Collects what one check finds. A check that overran its deadline can still add to it, unseen.</summary>
internal sealed class DoctorFindings(string check)
{
    private readonly Lock _lock = new();
    private readonly List<Finding> _findings = [];
    private readonly List<DoctorNote> _notes = [];

    public void Error(string id, string evidence, string fix) => Add(new Finding(id, FindingSeverity.Error, evidence, fix));

    public void Warning(string id, string evidence, string fix) => Add(new Finding(id, FindingSeverity.Warning, evidence, fix));

    public void Add(Finding finding)
    {
        lock (_lock)
        {
            _findings.Add(finding);
        }
    }

    /// <summary>Says what could not be seen from here.</summary>
    public void Note(string text)
    {
        lock (_lock)
        {
            _notes.Add(new DoctorNote(check, text));
        }
    }

    public (IReadOnlyList<Finding> Findings, IReadOnlyList<DoctorNote> Notes) Take()
    {
        lock (_lock)
        {
            return ([.. _findings], [.. _notes]);
        }
    }
}
