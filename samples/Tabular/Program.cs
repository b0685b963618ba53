using OpenTelemetry.Metrics;
using Tabular;
using Tabular.Children;
using Tabular.ModelCache;
using Tabular.StatusPage;

var builder = WebApplication.CreateBuilder(args);
builder.UsePortVariable();
builder.UseCloudRunLogging();
builder.KeepProbesOutOfTheLog();

// Cloud Run kills ten seconds after SIGTERM; requests and child processes must be gone before.
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(7));
builder.Services.AddModelCache();
builder.AddChildren();
builder.AddStatusPage();
builder.ShowProgressOnTerminal(args);
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddModelCacheInstrumentation().AddPrometheusExporter())
    .WithTracing(tracing => tracing.AddModelCacheInstrumentation());

var app = builder.Build();
if (await app.TryRunModelCacheCommandAsync(args) is { } exitCode)
{
    return exitCode;
}

if (!app.CheckChildren())
{
    return ModelCacheExitCodes.Failed;
}

app.UseInstanceHeader();
app.MapStatusPage();
app.MapHealth();
app.MapModels();
app.MapMetrics();
await app.RunAsync();
return Environment.ExitCode;
