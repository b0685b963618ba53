using Tabular.ModelCache;

namespace Tabular;

internal static class PlainReadsExtensions
{
    /// <summary>Adds health checks, and the reads if there are any.</summary>
    public static void AddPlainReads(this WebApplicationBuilder builder)
    {
        var checks = builder.Services.AddHealthChecks();
        if (builder.Configuration["PLAIN_READS"] is not null)
        {
            builder.Services.AddSingleton<PlainReads>();
            builder.Services.AddHostedService(services => services.GetRequiredService<PlainReads>());
            checks.AddCheck<PlainReads>(ModelCacheDiagnostics.HealthCheckName, tags: [ModelCacheDiagnostics.ReadyTag]);
        }
    }
}
