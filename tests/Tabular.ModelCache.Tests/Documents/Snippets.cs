using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tabular.ModelCache.Tests.Documents;

/// <summary>Code of documents that is part of nothing larger.</summary>
internal static class Snippets
{
    public static void AddTelemetry(HostApplicationBuilder builder)
    {
        // <snippet>
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddModelCacheInstrumentation())
            .WithTracing(tracing => tracing.AddModelCacheInstrumentation());
        // </snippet>
    }

    public static void MapHealth(WebApplication app)
    {
        // <snippet>
        app.MapHealthChecks("/healthz", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ModelCacheDiagnostics.ReadyTag),
            ResponseWriter = (http, report) =>
            {
                http.Response.ContentType = ModelCacheHealthJson.ContentType;
                return ModelCacheHealthJson.WriteAsync(http.Response.Body, report, http.RequestAborted);
            },
        });
        // </snippet>
    }

    public static void Follow(IModelCache cache, Channel<CachedModel> reloads)
    {
        // <snippet>
        cache.ModelUpdated += (_, update) => reloads.Writer.TryWrite(update.Current);
        // </snippet>
    }
}
