#pragma warning disable IDE0011 // As the README has it: ten lines.
// <snippet>
using Tabular.ModelCache;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddModelCache();                                            // section "ModelCache", hosted gate, health check

var app = builder.Build();
if (await app.TryRunModelCacheCommandAsync(args) is { } exitCode) return exitCode;   // model-cache ..., MODEL_SYNC_MODE=1
app.MapHealthChecks("/healthz");                                             // 503 until the gate is open
app.MapGet("/", async (IModelCache cache, CancellationToken ct) => (await cache.GetModelAsync("demo-llm", ct)).Path);
await app.RunAsync();
return Environment.ExitCode;                                                 // 70 when the start failed
// </snippet>
