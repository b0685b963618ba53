using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A real HTTP server on 127.0.0.1 that answers as a test says: a list of answers for each path, of which the last one repeats.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, RequestDelegate[]> _scripts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly WebApplication _application;

    private ScriptedServer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.AddServerHeader = false;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    public ConcurrentQueue<ScriptedRequest> Requests { get; } = new();

    public int Port { get; private set; }

    /// <summary>The server by its address.</summary>
    public Uri Address => new($"http://127.0.0.1:{Port}/");

    /// <summary>The same server by another name, which is another host to its clients.</summary>
    public Uri OtherAddress => new($"http://localhost:{Port}/");

    public static async Task<ScriptedServer> StartAsync()
    {
        var server = new ScriptedServer();
        await server._application.StartAsync();
        server.Port = new Uri(server._application.Urls.Single()).Port;
        return server;
    }

    /// <summary>Says how requests for a path are answered, one after the other.</summary>
    public void On(string path, params RequestDelegate[] answers) => _scripts[path] = answers;

    public IEnumerable<ScriptedRequest> RequestsFor(string path) => Requests.Where(r => r.Path == path);

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue(new ScriptedRequest(
            path,
            context.Request.QueryString.Value!,
            context.Request.Method,
            context.Request.Host.Value!,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        if (!_scripts.TryGetValue(path, out var answers))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        var index = _counts.AddOrUpdate(path, 0, (_, i) => i + 1);
        return answers[Math.Min(index, answers.Length - 1)](context);
    }
}
