using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.TestProcess;

/// <summary>Programs with a model cache and without ASP.NET Core; their settings are environment variables.</summary>
internal static class CacheHost
{
    /// <summary>A worker that needs a model, prints where it lies, and ends.</summary>
    public static async Task<int> WorkAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddModelCache();
        builder.Services.AddHostedService<Worker>();
        using var host = builder.Build();
        if (await host.TryRunModelCacheCommandAsync([]) is { } exitCode)
        {
            return exitCode;
        }

        await host.RunAsync();
        return Environment.ExitCode;
    }

    /// <summary>A console program that runs a command, and never a host.</summary>
    public static async Task<int> RunAsync(string[] command)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddModelCache();
        return await builder.Build().TryRunModelCacheCommandAsync(command) ?? 1;
    }

    private sealed class Worker(IModelCache cache, IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var model = await cache.GetModelAsync("demo", stoppingToken);
            Console.WriteLine($"{model.Path} {model.CacheHit}");
            lifetime.StopApplication();
        }
    }
}
