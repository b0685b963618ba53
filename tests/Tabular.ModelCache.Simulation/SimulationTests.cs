using System.Globalization;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Tabular.ModelCache.Simulation;

/// <summary>
/// Sweeps seeds: 1,500, or 20,000 with <c>MODEL_CACHE_TESTS_FULL=1</c>, or as many as <c>SIMULATION_SEEDS</c> says, from
/// <c>SIMULATION_FIRST_SEED</c> on.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly int DefaultSeeds = Environment.GetEnvironmentVariable("MODEL_CACHE_TESTS_FULL") == "1" ? 20_000 : 1500;

    [Fact]
    public void Simulate_ManySeeds_KeepsEveryInvariant()
    {
        var sweep = SeedSweep.Run(Setting("SIMULATION_FIRST_SEED", 1), Setting("SIMULATION_SEEDS", DefaultSeeds));

        output.WriteLine(sweep.ToString());
        Console.WriteLine(sweep);
        foreach (var (what, times) in sweep.Coverage.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{what}: {times}");
        }

        sweep.Failure.Should().BeNull("replay it with: dotnet run --project tests/Tabular.ModelCache.Simulation -- replay {0}", sweep.Failure?.Seed);
        sweep.Coverage.Keys.Should().Contain(
            ["crash", "pause", "takeover", "lost", "failed start", "resumed file", "start Hit", "start Pulled", "start Waited", "follow"],
            "a simulation in which nothing goes wrong proves nothing").And.Contain(["sync Published", "sync Adopted", "sync Held", "sync Unchanged"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(45)]
    [InlineData(122)]
    [InlineData(1038)]
    public void Replay_SameSeed_RunsTheSameEvents(int seed)
    {
        using var trace = new StringWriter(CultureInfo.InvariantCulture);

        var first = Simulation.Run(seed);
        var second = Simulation.Run(seed, trace: trace);

        second.Digest.Should().Be(first.Digest, "whether a trace is written must not matter");
        second.Events.Should().Be(first.Events).And.BePositive();
        trace.ToString().Should().Contain("manifest.json");
    }

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
