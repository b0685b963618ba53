namespace Tabular;

/// <summary>The metrics in the text format of Prometheus, where <c>METRICS_PATH</c> says.</summary>
internal static class MetricsEndpoint
{
    /// <summary>
    /// Without the setting there is no such endpoint: on a public service, whoever can reach it could read it. Prefer a collector there,
    /// and <c>AddOtlpExporter()</c>.
    /// </summary>
    public static void MapMetrics(this WebApplication app)
    {
        if (app.Configuration["METRICS_PATH"] is { Length: > 0 } path)
        {
            app.MapPrometheusScrapingEndpoint(path);
        }
    }
}
