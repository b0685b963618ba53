using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace Tabular;

/// <summary>What differs on Cloud Run: the form of the log, and which of many instances has answered.</summary>
internal static class CloudRunExtensions
{
    /// <summary>The response header that names the instance, so that a test can count those behind one address.</summary>
    public const string InstanceHeader = "X-Tabular-Instance";

    /// <summary>Logs in the form of Cloud Logging in a service (<c>K_SERVICE</c>) and in a job (<c>CLOUD_RUN_JOB</c>).</summary>
    public static void UseCloudRunLogging(this WebApplicationBuilder builder)
    {
        if (builder.Configuration["K_SERVICE"] is null && builder.Configuration["CLOUD_RUN_JOB"] is null)
        {
            return;
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<DistributedContextPropagator, CloudTracePropagator>();
        builder.Logging.AddConsole(options => options.FormatterName = CloudRunFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<CloudRunFormatter, ConsoleFormatterOptions>();
    }

    /// <summary>Names the instance in each answer.</summary>
    public static void UseInstanceHeader(this WebApplication app)
    {
        var instance = Guid.NewGuid().ToString("n");
        app.Use((context, next) =>
        {
            context.Response.Headers[InstanceHeader] = instance;
            return next(context);
        });
    }
}
