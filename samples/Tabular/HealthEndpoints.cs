using Microsoft.AspNetCore.Diagnostics.HealthChecks;
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
            ResponseWriter = (http, report) =>
            {
                http.Response.ContentType = ModelCacheHealthJson.ContentType;
                return ModelCacheHealthJson.WriteAsync(http.Response.Body, report, http.RequestAborted);
            },
        });

        // A restart cures no model: liveness asks nothing of the cache.
        app.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = _ => false });
    }
}
