using System.Net;

namespace Tabular;

/// <summary>How this app meets its platform: the port, the address, and what a command prints.</summary>
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

    /// <summary>Keeps standard output of a command for its result: log lines go to standard error.</summary>
    public static void UsePlainStandardOutputForCommands(this WebApplicationBuilder builder, string[] args)
    {
        if (args is ["model-cache", ..] || builder.Configuration["MODEL_SYNC_MODE"] is not (null or "" or "0" or "false"))
        {
            builder.Logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        }
    }
}
