using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tabular.ModelCache;

namespace Tabular;

/// <summary><c>/healthz</c>, which is 503 until the gate is open, and <c>/livez</c>, which only says that the process answers.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/healthz", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ModelCacheDiagnostics.ReadyTag),
            ResponseWriter = WriteAsync,
        });

        // A restart cures no model: liveness asks nothing of the cache.
        app.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = _ => false });
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var entry = report.Entries.GetValueOrDefault(ModelCacheDiagnostics.HealthCheckName);
        var body = new Dictionary<string, object?> { ["status"] = report.Status.ToString() };
        foreach (var (key, value) in entry.Data ?? new Dictionary<string, object>())
        {
            body[key] = value;
        }

        body["description"] = entry.Description;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(JsonSerializer.Serialize(body));
    }
}
