using System.Net;
using Microsoft.Extensions.Logging.Console;
using Spectre.Console;

namespace Tabular;

/// <summary>How this app meets its platform: the port, the address, and what is on the terminal.</summary>
internal static class HostingExtensions
{
    private const int DefaultPort = 8080;

    /// <summary>
    /// Listens on <c>PORT</c>. Cloud Run and containers need every address; a laptop only its own. An explicit <c>urls</c> setting wins
    /// when <c>PORT</c> is not set.
    /// </summary>
    public static void UsePortVariable(this WebApplicationBuilder builder)
    {
        var text = builder.Configuration["PORT"];
        if (string.IsNullOrEmpty(text) && !string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            return;
        }

        if (!int.TryParse(string.IsNullOrEmpty(text) ? $"{DefaultPort}" : text, out var port) || port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new InvalidOperationException($"PORT is '{text}'; allowed is a number from 0 to {IPEndPoint.MaxPort}.");
        }

        var everywhere = builder.Configuration["K_SERVICE"] is not null || builder.Configuration["DOTNET_RUNNING_IN_CONTAINER"] == "true";
        builder.WebHost.UseUrls($"http://{(everywhere ? IPAddress.Any : IPAddress.Loopback)}:{port}");
    }

    /// <summary>
    /// The framework logs each probe that is answered 503 as an error, and while models are pulled that is no error. In code, because the
    /// settings file is only found when the app is started in its folder.
    /// </summary>
    public static void KeepProbesOutOfTheLog(this WebApplicationBuilder builder) =>
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

    /// <summary>
    /// Shows on a terminal how far the models are. The log is then written through the same console, which puts its lines above the bars;
    /// anywhere else the log alone tells it.
    /// </summary>
    public static void ShowProgressOnTerminal(this WebApplicationBuilder builder, string[] args)
    {
        var console = AnsiConsole.Console;
        if (builder.IsCommand(args) || Console.IsOutputRedirected || !console.Profile.Capabilities.Ansi || !console.Profile.Capabilities.Interactive)
        {
            return;
        }

        foreach (var provider in builder.Services.Where(s => s.ImplementationType == typeof(ConsoleLoggerProvider)).ToList())
        {
            builder.Services.Remove(provider);
        }

        builder.Services.AddSingleton(console);
        builder.Services.AddSingleton<ILoggerProvider, TerminalLoggerProvider>();
        builder.Services.AddHostedService<StartupProgress>();
    }

    private static bool IsCommand(this WebApplicationBuilder builder, string[] args) =>
        args is ["model-cache", ..] || builder.Configuration["MODEL_SYNC_MODE"] is not (null or "" or "0" or "false");
}
