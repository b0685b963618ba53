namespace Tabular.ModelCache.Requirements;

/// <summary>
/// Whether torch, torchvision and torchaudio are proven to be the builds for CPUs. Proof is a pin or a file with <c>+cpu</c>, in the files or
/// their constraints, or that all indexes are those of CPU builds. An index of CPU builds among others is none: pip takes the best version of
/// all of them.
/// </summary>
internal sealed class TorchProof(PackageIndexes indexes, IReadOnlyList<RequirementClaim> required, IReadOnlyList<RequirementClaim> constraints)
{
    private const string Torch = "torch";

    public IEnumerable<AuditFinding> Find()
    {
        var unproven = new HashSet<string>(StringComparer.Ordinal);
        foreach (var claim in required.Where(c => KnownPackages.IsOfTorch(c.Name) && c.Build != BuildKind.Gpu && !IsProven(c)))
        {
            unproven.Add(claim.Name);
            yield return Unproven(claim);
        }

        // A line that requires torch carries the finding, if there is one.
        if (indexes.AreAllCpu || required.Any(c => c.Name == Torch) || IsPinnedToCpu(Torch))
        {
            yield break;
        }

        var rule = indexes.HasCpu ? AuditRules.TorchPulledByLuck : AuditRules.TorchPulled;
        foreach (var claim in required.Where(PullsTorch).Where(c => !unproven.Contains(c.Name)))
        {
            yield return new AuditFinding(rule, claim.At, $"{claim.Name} depends on torch, and nothing here says which build of torch.");
        }
    }

    private static bool PullsTorch(RequirementClaim claim) =>
        claim.Build != BuildKind.Gpu && KnownPackages.PullsTorch(claim.Name, claim.Requirement.Extras);

    private bool IsProven(RequirementClaim claim) =>
        claim.Build == BuildKind.Cpu || (claim.Requirement.Artifact is null && (indexes.AreAllCpu || IsPinnedToCpu(claim.Name)));

    private bool IsPinnedToCpu(string name) => required.Concat(constraints).Any(c => c.Name == name && c.Build == BuildKind.Cpu);

    private AuditFinding Unproven(RequirementClaim claim)
    {
        if (claim.Requirement.Artifact is { } artifact)
        {
            return new AuditFinding(AuditRules.TorchNotProven, claim.At, $"Nothing in {artifact.Display} says that it is the CPU build of {claim.Name}.");
        }

        if (claim.IsHashed)
        {
            return new AuditFinding(AuditRules.TorchByHash, claim.At, $"{claim.Name} is pinned by hashes that do not tell whether they are of the CPU build.");
        }

        return indexes.HasCpu
            ? new AuditFinding(AuditRules.TorchByLuck, claim.At, $"{claim.Name} comes from the CPU index only while that has the best version.")
            : new AuditFinding(AuditRules.TorchNotProven, claim.At, $"{claim.Name} is not proven to be the CPU build.");
    }
}
