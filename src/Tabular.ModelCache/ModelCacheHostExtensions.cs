using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Tabular.ModelCache.Commands;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache;

/// <summary>Runs the commands of the model cache in the app's own program.</summary>
public static class ModelCacheHostExtensions
{
    /// <summary>
    /// Runs a command <c>model-cache ...</c> when the first argument is <c>model-cache</c>, or <c>sync</c> when the variable
    /// <c>MODEL_SYNC_MODE</c> is on; otherwise it checks the settings, and begins to read the manifest that the start needs. The result of a
    /// command is on standard output, and what the console logger of the app writes meanwhile is on standard error.
    /// </summary>
    /// <param name="host">The built host. It is never started; after a command it is disposed, which flushes logs and telemetry.</param>
    /// <param name="args">The arguments of the program.</param>
    /// <param name="cancellationToken">Cancels a command; its leases are given back.</param>
    /// <returns>
    /// The exit code of the command, one of <see cref="ModelCacheExitCodes"/>; <see cref="ModelCacheExitCodes.Failed"/> when the settings
    /// are wrong, after telling why in one line per mistake; <see langword="null"/> when the app should run.
    /// </returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddModelCache</c> was not called.</exception>
    /// <example>
    /// <code>if (await app.TryRunModelCacheCommandAsync(args) is { } exitCode) return exitCode;</code>
    /// </example>
    public static async Task<int?> TryRunModelCacheCommandAsync(
        this IHost host, string[] args, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(args);
        if (host.Services.GetService<DeploymentVariables>() is not { } variables)
        {
            throw new InvalidOperationException("The model cache is not registered; call builder.Services.AddModelCache() before the host is built.");
        }

        int exitCode;
        try
        {
            var isCommand = args is [ModelCacheCommand.Name, ..];
            var isSync = !isCommand && variables.IsSyncMode();
            if (isCommand || isSync)
            {
                // Standard output is for the result alone: --json is parsed, and env is evaluated by a shell. Loggers that are made already
                // hold these options too.
                host.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>().CurrentValue.LogToStandardErrorThreshold = LogLevel.Trace;
            }

            // The doctor tells what is wrong with the settings in its own form.
            if (!isCommand || (!args.Contains(ModelCacheCommand.Doctor, StringComparer.Ordinal)
                && !SigningCommands.NeedNoSettings(args[1..]) && !AuditCommand.IsIn(args[1..])))
            {
                _ = host.Services.GetRequiredService<IOptions<ModelCacheOptions>>().Value;
            }

            if (!isCommand && !isSync)
            {
                host.Services.GetRequiredService<EarlyManifest>().Begin();
                return null;
            }

            exitCode = await RunAsync(host, isSync ? ["sync"] : args[1..], cancellationToken).ConfigureAwait(false);
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures)
            {
                await Console.Error.WriteLineAsync($"{ModelCacheCommand.Name}: {failure}").ConfigureAwait(false);
            }

            exitCode = ModelCacheExitCodes.Failed;
        }
        catch (ModelCacheException e)
        {
            await Console.Error.WriteLineAsync($"{ModelCacheCommand.Name}: {e.Message}").ConfigureAwait(false);
            exitCode = e.ExitCode;
        }

        await DisposeAsync(host).ConfigureAwait(false);
        return exitCode;
    }

    private static async Task<int> RunAsync(IHost host, string[] args, CancellationToken cancellationToken)
    {
        // OpenTelemetry makes its providers when the host starts, which it never does here; without one nothing would be recorded.
        _ = host.Services.GetService<MeterProvider>();
        _ = host.Services.GetService<TracerProvider>();
        var command = new ModelCacheCommand(
            host.Services.GetRequiredService<IModelCacheOperations>,
            host.Services.GetRequiredService<ModelCacheDoctor>,
            Console.Out,
            Console.Error,
            host.Services.GetRequiredService<ModelCacheClock>().Time);
        return await command.RunAsync(args, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            host.Dispose();
        }
    }
}
