namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>An invariant that does not hold.</summary>
/// <param name="Rule">Which: I1 to I8 of the design, or <c>lease</c> for the rules of the lease.</param>
/// <param name="Text">What was seen.</param>
internal sealed record Violation(string Rule, string Text)
{
    /// <summary>The rule that stands for a mistake of the simulation itself.</summary>
    public const string Defect = "simulation";

    public override string ToString() => $"{Rule}: {Text}";
}
