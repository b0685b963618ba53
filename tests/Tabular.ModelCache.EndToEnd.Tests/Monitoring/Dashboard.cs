using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Monitoring;

/// <summary>The files of <c>samples/Tabular/monitoring</c>.</summary>
internal static class Dashboard
{
    private const string Fallback = " or vector(0)";

    // The program lies in bin/<configuration>/<framework> of its project.
    private static readonly string Folder = Path.GetFullPath(Path.Join(SampleProgram.Folder, "../../..", "monitoring"));

    public static string AlertsPath => Path.Join(Folder, "alerts.yml");

    public static string AlertTestsPath => Path.Join(Folder, "alerts.tests.yml");

    public static JsonElement Json { get; } = JsonDocument.Parse(File.ReadAllBytes(Path.Join(Folder, "dashboard.json"))).RootElement;

    /// <summary>The queries of the panels as Grafana sends them with All chosen everywhere, without what stands in where there is no data.</summary>
    public static IReadOnlyList<(string Panel, string Query)> Queries { get; } =
    [
        .. Json.GetProperty("panels").EnumerateArray().Where(p => p.TryGetProperty("targets", out _)).SelectMany(p => p.GetProperty("targets").EnumerateArray()
            .Select(t => (p.GetProperty("title").GetString()!, Expand(t.GetProperty("expr").GetString()!)))),
    ];

    private static string Expand(string expression)
    {
        var query = expression
            .Replace("$job", ".+", StringComparison.Ordinal)
            .Replace("$model", ".+", StringComparison.Ordinal)
            .Replace("$__rate_interval", "1m", StringComparison.Ordinal)
            .Replace("$__range", "1h", StringComparison.Ordinal);
        query.Should().NotContain("$", "every variable of the dashboard is known here");
        return query.EndsWith(Fallback, StringComparison.Ordinal) ? query[..^Fallback.Length] : query;
    }
}
