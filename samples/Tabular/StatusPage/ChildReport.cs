using Tabular.Children;

namespace Tabular.StatusPage;

/// <summary>A child as the status page shows it.</summary>
internal sealed record ChildReport(string Name, string Model, bool Required, ChildStatus Status);
