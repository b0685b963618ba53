using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Commands;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>A run of <c>model-cache verify</c> through a mount.</summary>
internal static class GateRun
{
    public static string Describe(VerificationLevel level, string what) => $"`model-cache verify --level {level}`, {what}";

    /// <exception cref="BenchmarkException">It did not verify both models at that level.</exception>
    public static async Task<Measurement> MeasureAsync(Lab lab, PublishedModels models, VerificationLevel level, CancellationToken cancellationToken)
    {
        var app = await models.CreateAppAsync(cancellationToken);
        var (measurement, output) = await lab.MeasureAsync(app.Command("model-cache", "verify", "--level", $"{level}", "--json"), cancellationToken);
        var report = JsonSerializer.Deserialize(output, ReportJsonContext.Readable.VerifyReport)!;
        return report.Models.Count == 2 && report.ExitCode == 0
            ? measurement
            : throw new BenchmarkException($"'model-cache verify' should verify two models, but reported {output}");
    }
}
