using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Commands;

/// <summary>The command line <c>model-cache ...</c>: options, output and exit codes around <see cref="ModelCacheOperations"/> and the doctor.</summary>
internal sealed class ModelCacheCommand(
    Func<ModelCacheOperations> operations, Func<ModelCacheDoctor> doctor, TextWriter output, TextWriter error, TimeProvider clock)
{
    public const string Name = "model-cache";

    /// <summary>The command that also looks at settings that are wrong.</summary>
    public const string Doctor = "doctor";

    // The release of a lease takes up to 3 s, and Cloud Run grants 10 s after SIGTERM.
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromSeconds(7);

    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
            {
                await error.WriteLineAsync($"{Name}: {problem.Message} Try '{Name} --help'.").ConfigureAwait(false);
            }

            return ModelCacheExitCodes.Usage;
        }

        // System.CommandLine's own handling of signals ends with 143 whatever the command makes of them, so it is off.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            giveUp.CancelAfter(TerminationTimeout);
            stop.Cancel();
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                stop.Token).WaitAsync(giveUp.Token).ConfigureAwait(false);
        }
        catch (ModelCacheException e)
        {
            return await FailAsync(e.Message, e.ExitCode).ConfigureAwait(false);
        }
        catch (ObjectStoreException e)
        {
            return await FailAsync(e.Message, ModelCacheExitCodes.Failed).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync("stopped before the work was finished; nothing was damaged, run it again.", ModelCacheExitCodes.Failed).ConfigureAwait(false);
        }
    }

    private Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the result as JSON.", Recursive = true };
        var model = new Option<string?>("--model") { Description = "Only this model; without it all configured models." };
        var root = new Command(Name, "Looks after the shared model cache.") { json, new HelpOption() };

        var status = new Command("status", "Shows models, versions, leases and leftovers.");
        status.SetAction(async (result, token) =>
        {
            var report = await operations().GetStatusAsync(token).ConfigureAwait(false);
            Print(result.GetValue(json), report, ReportJsonContext.Readable.StatusReport, ReportText.Write);
            return ModelCacheExitCodes.Success;
        });

        var wait = new Option<double>("--wait")
        {
            Description = "How many seconds to wait for a lease that another process holds, before exit code 75.",
            DefaultValueFactory = _ => 300,
            CustomParser = ParseWait,
        };
        var sync = new Command("sync", "Publishes what has changed at the sources, and prunes. Also run by MODEL_SYNC_MODE=1.") { model, wait };
        sync.SetAction(async (result, token) =>
        {
            var report = await operations().SyncAsync(TimeSpan.FromSeconds(result.GetValue(wait)), result.GetValue(model), token).ConfigureAwait(false);
            Print(result.GetValue(json), report, ReportJsonContext.Readable.SyncReport, ReportText.Write);
            foreach (var failed in report.Models.Where(m => m.Error is not null))
            {
                await error.WriteLineAsync($"{Name}: {failed.Name}: {failed.Error}").ConfigureAwait(false);
            }

            return report.ExitCode;
        });

        var level = new Option<VerificationLevel?>("--level") { Description = "Marker, Metadata or Content; without it the configured level." };
        var verify = new Command("verify", "Verifies, through the mount, the versions that this configuration serves.") { model, level };
        verify.SetAction(async (result, token) =>
        {
            var report = await operations().VerifyAsync(result.GetValue(level), result.GetValue(model), token).ConfigureAwait(false);
            Print(result.GetValue(json), report, ReportJsonContext.Readable.VerifyReport, ReportText.Write);
            return report.ExitCode;
        });

        var diagnose = new Command(Doctor, "Looks for what is wrong with the mount, the bucket, the permissions, the manifest and the environment. Changes nothing.");
        diagnose.SetAction(async (result, token) =>
        {
            var report = await doctor().RunAsync(token).ConfigureAwait(false);
            Print(result.GetValue(json), report, ReportJsonContext.Readable.DoctorReport, ReportText.Write);
            return report.ExitCode;
        });

        root.Add(status);
        root.Add(sync);
        root.Add(verify);
        root.Add(diagnose);
        SigningCommands.AddFolderForm(verify, output, error);
        foreach (var command in SigningCommands.Create(output))
        {
            root.Add(command);
        }

        return root;
    }

    private static double ParseWait(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds is not (>= 0 and <= 86_400))
        {
            result.AddError($"--wait is '{text}'; allowed is a number of seconds from 0 to 86400.");
        }

        return seconds;
    }

    private void Print<T>(bool asJson, T report, JsonTypeInfo<T> type, Action<TextWriter, T> text)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(report, type));
        }
        else
        {
            text(output, report);
        }
    }

    private async Task<int> FailAsync(string message, int exitCode)
    {
        await error.WriteLineAsync($"{Name}: {message}").ConfigureAwait(false);
        return exitCode;
    }
}
