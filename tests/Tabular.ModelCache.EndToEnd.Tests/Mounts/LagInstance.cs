using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>An instance in this process: a host with the library, a store, and a mount.</summary>
internal sealed class LagInstance : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly IHost _host;
    private readonly string _model;

    public LagInstance(IObjectStore store, string bucket, string mount, string model, TimeSpan lagTimeout, bool fallsBack)
    {
        _model = model;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "test" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ModelCache:MountPath"] = mount,
            ["ModelCache:SharedVolumeEnabled"] = "true",
            ["ModelCache:Bucket"] = bucket,
            ["ModelCache:Mount:AcceptedTypes:0"] = RcloneMount.Type,
            ["ModelCache:Mount:LagTimeout"] = $"{lagTimeout}",
            ["ModelCache:FallbackToPreviousVersion"] = $"{fallsBack}",
            ["ModelCache:PullWhenStale"] = "false",

            // A failure must not set the exit code of the process of the tests.
            ["ModelCache:FailureBehavior"] = "StayUnready",
            ["ModelCache:StartupDeadline"] = $"{Deadline}",
            ["ModelCache:Models:0:Name"] = model,
            ["ModelCache:Models:0:Kind"] = "ollama",
            ["ModelCache:Models:0:Source"] = "dir:///nowhere",
        });
        builder.Services.AddModelCache().UseObjectStore(_ => store);
        _host = builder.Build();
    }

    /// <summary>Starts it and waits for the gate.</summary>
    /// <exception cref="ModelCacheException">The start failed.</exception>
    public async Task<CachedModel> StartAsync()
    {
        await _host.StartAsync(TestContext.Current.CancellationToken);
        return await _host.Services.GetRequiredService<IModelCache>().GetModelAsync(_model, TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(Deadline + TimeSpan.FromSeconds(5));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
