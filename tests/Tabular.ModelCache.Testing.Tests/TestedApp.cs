using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Tabular.ModelCache.Testing.Tests;

/// <summary>The app of the README over a fake, with settings of a test.</summary>
internal sealed class TestedApp(Action<FakeModelCache>? configure = null, params (string Key, string Value)[] settings) : WebApplicationFactory<Program>
{
    public const string Model = "demo-llm";

    /// <summary>Changes the services beside the fake.</summary>
    public Action<IServiceCollection> Changes { get; init; } = _ => { };

    public FakeModelCache Fake => Services.GetFakeModelCache();

    public IModelCache Cache => Services.GetRequiredService<IModelCache>();

    public CachedModel Served => Cache.TryGetModel(Model, out var model) ? model : throw new InvalidOperationException($"The gate is closed: {Cache.Status}.");

    /// <summary>Asks for the health once, as a probe does.</summary>
    public async Task<string> ProbeAsync()
    {
        using var client = CreateClient();
        using var answer = await client.GetAsync("/healthz");
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (key, value) in settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(services =>
        {
            services.AddFakeModelCache(configure);
            Changes(services);
        });
    }
}
