using Microsoft.Extensions.Options;

namespace Tabular.Children;

/// <summary>The supervisors of all configured children, in the order of the configuration.</summary>
internal sealed class ChildRegistry(
    IOptions<ChildrenOptions> options, IChildLauncher launcher, IChildProbe probe, ChildTimings timings, TimeProvider time, ILoggerFactory loggers)
{
    public IReadOnlyList<ChildSupervisor> Supervisors { get; } =
    [
        .. options.Value.Children.Select(child =>
            new ChildSupervisor(child, launcher, probe, timings, time, Random.Shared, loggers.CreateLogger<ChildSupervisor>())),
    ];

    public ChildSupervisor Get(string name) => Supervisors.Single(s => s.Options.Name == name);
}
