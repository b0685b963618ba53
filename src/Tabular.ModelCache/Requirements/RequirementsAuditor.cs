namespace Tabular.ModelCache.Requirements;

/// <summary>
/// Audits requirements files for packages that are made for GPUs. It reads what pip would read, and judges what pip would install on the
/// target; what the listed packages require themselves is known only as far as <see cref="KnownPackages"/> tells.
/// </summary>
internal sealed class RequirementsAuditor
{
    private readonly TargetEnvironment _target;
    private readonly HashSet<AuditFinding> _findings = [];
    private readonly PackageIndexes _indexes = new();
    private readonly List<RequirementClaim> _required = [];
    private readonly List<RequirementClaim> _constraints = [];

    private RequirementsAuditor(TargetEnvironment target) => _target = target;

    /// <summary>Audits files that one run of pip installs together.</summary>
    /// <param name="paths">Full paths.</param>
    /// <param name="target">What they are installed on.</param>
    /// <param name="variable">The environment; <see langword="null"/> for what is not set.</param>
    public static AuditResult Audit(IEnumerable<string> paths, TargetEnvironment target, Func<string, string?> variable)
    {
        var auditor = new RequirementsAuditor(target);
        var reader = new RequirementsReader(variable, f => auditor._findings.Add(f));
        foreach (var line in paths.SelectMany(reader.Read))
        {
            auditor.Add(line);
        }

        return auditor.Finish(reader.Files);
    }

    private AuditResult Finish(IReadOnlyList<string> files)
    {
        foreach (var index in _indexes.Used.Where(u => u.Url.Source == BuildKind.Gpu))
        {
            Report(AuditRules.GpuIndex, index.At, $"{index.Url.Display} has builds for GPUs.");
        }

        foreach (var finding in new TorchProof(_indexes, _required, _constraints).Find())
        {
            _findings.Add(finding);
        }

        var findings = _findings.ToList();
        findings.Sort((a, b) => Compare(a, b, files));
        return new AuditResult(findings, files);
    }

    private void Add(RequirementsLine line)
    {
        ReportIgnored(line);
        if (!line.IsRequirement)
        {
            ReportUnset(line, string.Join(" ", line.Options.All.Select(o => ArtifactReference.Redact(o.Value))));
            _indexes.Apply(line);
            return;
        }

        var isComplete = !ReportUnset(line, line.Text);
        var requirement = line.IsEditable ? RequirementParser.Editable(line.Text) : RequirementParser.TryParse(line.Text);
        if (requirement is null)
        {
            if (isComplete)
            {
                Report(AuditRules.Refused, line.At(), "pip refuses this line: it is no requirement.");
            }

            return;
        }

        if (requirement.Marker.Length > 0)
        {
            var counts = EnvironmentMarker.Evaluate(requirement.Marker, _target);
            if (counts == false)
            {
                return;
            }

            if (counts is null)
            {
                Report(AuditRules.UnknownMarker, line.At(), "The environment marker cannot be evaluated for CPython on Linux, x86_64.");
            }
        }

        var claim = new RequirementClaim(line, requirement);
        (line.IsConstraint ? _constraints : _required).Add(claim);
        Judge(claim);
    }

    private void Judge(RequirementClaim claim)
    {
        var requirement = claim.Requirement;
        if (claim.Build == BuildKind.Gpu)
        {
            var (rule, what) = requirement.Artifact is { } artifact
                ? (AuditRules.GpuFile, artifact.Display)
                : (AuditRules.GpuVersion, $"{claim.Name} {string.Join(",", requirement.Versions.Select(v => v.Operator + v.Version))}");
            Report(rule, claim.At, $"{what} is a build for GPUs.");
        }

        // A constraint limits what others install, and installs nothing.
        if (claim.Line.IsConstraint)
        {
            return;
        }

        if (KnownPackages.IsGpu(claim.Name))
        {
            Report(AuditRules.GpuPackage, claim.At, $"{claim.Name} is a package for GPUs.");
        }

        foreach (var extra in requirement.Extras.Where(KnownPackages.IsGpuExtra))
        {
            var package = claim.Name.Length > 0 ? claim.Name : requirement.Artifact!.Display;
            Report(AuditRules.GpuExtra, claim.At, $"The extra [{extra}] of {package} brings packages for GPUs.");
        }

        if (KnownPackages.IsLarge(claim.Name))
        {
            Report(AuditRules.LargePackage, claim.At, $"The wheels of {claim.Name} for Linux contain GPU code.");
        }

        if (requirement.Artifact is { IsWheel: false } || claim.Line.IsEditable)
        {
            Report(AuditRules.NotLookedInto, claim.At, $"{requirement.Artifact!.Display} is not looked into.");
        }
    }

    private void ReportIgnored(RequirementsLine line)
    {
        var ignored = line.IsRequirement
            ? line.Options.All.Where(o => line.IsEditable ? !ReferenceEquals(o, line.Options.Named(PipOptions.Editable).First()) : !IsOfRequirement(o))
            : line.Options.All.Where(IsOfRequirement).Concat(line.Options.Named(PipOptions.FindLinks).Skip(1));
        foreach (var option in ignored)
        {
            Report(AuditRules.Ignored, line.At(option.Offset), $"pip ignores {option.Name} here.");
        }

        if (line.Options.Words is [var word, ..])
        {
            Report(AuditRules.Ignored, line.At(word.Offset), "pip ignores what stands here, behind options.");
        }
    }

    private static int Compare(AuditFinding a, AuditFinding b, IReadOnlyList<string> files)
    {
        var (first, second) = (a.At, b.At);
        return first.File != second.File ? (files.First(f => f == first.File || f == second.File) == first.File ? -1 : 1)
            : first.Line != second.Line ? first.Line.CompareTo(second.Line)
            : first.Column != second.Column ? first.Column.CompareTo(second.Column)
            : string.CompareOrdinal(a.Rule.Id, b.Rule.Id);
    }

    private static bool IsOfRequirement(PipOption option) => option.Name is PipOptions.Hash or PipOptions.ConfigSettings or PipOptions.GlobalOption;

    private bool ReportUnset(RequirementsLine line, string text)
    {
        var name = VariableReference.First(text);
        if (name is not null)
        {
            var at = line.Source.Text.IndexOf("${" + name, StringComparison.Ordinal);
            Report(AuditRules.UnsetVariable, line.At(Math.Max(0, at)), $"The variable {name} is not set.");
        }

        return name is not null;
    }

    private void Report(AuditRule rule, SourcePosition at, string evidence) => _findings.Add(new AuditFinding(rule, at, evidence));
}
