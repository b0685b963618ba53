using OpenTelemetry.Metrics;
using Tabular;
using Tabular.Children;
using Tabular.ModelCache;
using Tabular.StatusPage;

// As the sample's, but for AddModelCache and its commands.
var builder = WebApplication.CreateBuilder(args);
builder.UsePortVariable();
builder.UseCloudRunLogging();
builder.KeepProbesOutOfTheLog();
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(7));
builder.Services.AddSingleton<IModelCache, OpenGate>();
builder.AddPlainReads();
builder.AddChildren();
builder.AddStatusPage();
builder.ShowProgressOnTerminal(args);
builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddModelCacheInstrumentation().AddPrometheusExporter())
    .WithTracing(tracing => tracing.AddModelCacheInstrumentation());

var app = builder.Build();
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
