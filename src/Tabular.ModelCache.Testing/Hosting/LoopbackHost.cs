using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Testing;

/// <summary>A web server on 127.0.0.1 that hands every request to one function.</summary>
internal sealed class LoopbackHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    /// <param name="ports">The ports; 0 takes a free one.</param>
    /// <param name="limit">Sets limits that differ from the server's own.</param>
    /// <param name="handler">Answers the requests.</param>
    public LoopbackHost(IEnumerable<int> ports, Action<KestrelServerLimits> limit, RequestDelegate handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, NetworkBuffers>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            foreach (var port in ports)
            {
                kestrel.Listen(IPAddress.Loopback, port);
            }

            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            limit(kestrel.Limits);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _application = builder.Build();
        _application.Run(handler);
    }

    /// <summary>The addresses, in the order in which the ports were asked for.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _application.Urls.Select(url => new Uri(url.TrimEnd('/') + "/"))];

    /// <summary>The path and query of a request as it was sent, not unescaped.</summary>
    public static string TargetOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return target.StartsWith('/') ? target : Uri.TryCreate(target, UriKind.Absolute, out var absolute) ? absolute.PathAndQuery : "/";
    }

    /// <exception cref="IOException">A port is in use.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _application.StartAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.DisposeAsync().ConfigureAwait(false);
    }
}
