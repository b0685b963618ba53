using Tabular.ModelCache.Simulation.Planted;

namespace Tabular.ModelCache.Simulation;

/// <summary>The simulation can fail: every planted bug is found.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int MostSeeds = 2000;

    public static TheoryData<string> Bugs => [.. PlantedBugs.Names];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Simulate_PlantedBug_IsFound(string bug)
    {
        var sweep = SeedSweep.Run(1, MostSeeds, () => PlantedBugs.Create(bug));

        output.WriteLine($"{bug}: {sweep}");
        Console.WriteLine($"{bug}: {sweep}");
        sweep.Failure.Should().NotBeNull("a simulation that does not find {0} within {1} seeds is too weak", bug, MostSeeds);
        sweep.Failure!.Violation!.Rule.Should().NotBe(Invariants.Violation.Defect);
        Simulation.Run(sweep.Failure.Seed, PlantedBugs.Create(bug)).Violation.Should().Be(sweep.Failure.Violation, "a failure is replayed by its seed");
    }
}
