namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>All planted bugs, by name.</summary>
internal static class PlantedBugs
{
    private static readonly Func<PlantedBug>[] All =
    [
    ];

    public static IEnumerable<string> Names => All.Select(create => create().Name);

    public static PlantedBug Create(string name) => All.Select(create => create()).Single(bug => bug.Name == name);
}
