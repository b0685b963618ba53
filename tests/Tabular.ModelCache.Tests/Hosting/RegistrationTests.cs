using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Hosting;

/// <summary>An app whose parts each register the library, started as a whole.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task Start_RegisteredTwiceAlike_IsOneInstance()
    {
        using var host = Build(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(100));

        await host.StartAsync();

        host.Services.GetRequiredService<IModelCache>().TryGetModel("llm", out _).Should().BeTrue();
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        health.Entries.Should().ContainSingle().Which.Value.Status.Should().Be(HealthStatus.Healthy);
        host.Services.GetFakeModelCache().GetSnapshot().Models.Should().ContainSingle().Which.CacheHits.Should().Be(1);
        await host.StopAsync();
    }

    [Fact]
    public async Task Start_RegisteredTwiceInConflict_DoesNotStartAndNamesBothValues()
    {
        using var host = Build(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(200));

        await host.Awaiting(h => h.StartAsync()).Should().ThrowAsync<OptionsValidationException>().WithMessage("*StartupDeadline = '00:01:40' and '00:03:20'*");
    }

    [Fact]
    public void ClockOfTheLibrary_KeyedOrNot_IsTheNearest()
    {
        var (app, own) = (new FakeTimeProvider(), new FakeTimeProvider());

        ClockOf(_ => { }).Should().BeSameAs(TimeProvider.System);
        ClockOf(s => s.AddSingleton<TimeProvider>(app)).Should().BeSameAs(app);
        ClockOf(s => s.AddSingleton<TimeProvider>(app).AddKeyedSingleton<TimeProvider>("Tabular.ModelCache", own)).Should().BeSameAs(own);

        static TimeProvider ClockOf(Action<IServiceCollection> configure)
        {
            var services = new ServiceCollection();
            services.AddModelCache();
            configure(services);
            return services.BuildServiceProvider().GetRequiredService<ModelCacheClock>().Time;
        }
    }

    private static IHost Build(params TimeSpan[] deadlines)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var deadline in deadlines)
        {
            builder.Services.AddModelCache(o =>
            {
                o.StartupDeadline = deadline;
                o.Models.Add(new ModelOptions { Name = "llm", Source = "ollama://llama3.2:1b" });
            });
        }

        builder.Services.AddFakeModelCache();
        return builder.Build();
    }
}
