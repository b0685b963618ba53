using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Reports;

/// <summary>Keeps everything that was measured, for comparisons between changes.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    /// <returns>The path.</returns>
    public static async Task<string> WriteAsync(BenchmarkReport report, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Join(BuildOutput.RepositoryRoot, "artifacts"));
        var path = Path.Join(folder.FullName, "benchmarks.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(report, Indented) + "\n", cancellationToken);
        return path;
    }
}
