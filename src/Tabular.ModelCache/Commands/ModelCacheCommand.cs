using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Commands;

/// <summary>The command line <c>model-cache ...</c>: signals, errors and exit codes around <see cref="IModelCacheOperations"/> and the doctor.</summary>
internal sealed class ModelCacheCommand(
    Func<IModelCacheOperations> operations, Func<ModelCacheDoctor> doctor, TextWriter output, TextWriter error, TimeProvider clock)
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

    internal Command Create()
    {
        var context = new CommandContext(operations, doctor, output, error);
        var root = new Command(Name, "Looks after the shared model cache.") { context.Json, new HelpOption() };
        var commands = LookCommands.Create(context).Concat(WorkCommands.Create(context)).Concat(SwitchCommands.Create(context));
        foreach (var command in commands.Concat(SigningCommands.Create(output)).Append(AuditCommand.Create(context)))
        {
            root.Add(command);
        }

        return root;
    }

    private async Task<int> FailAsync(string message, int exitCode)
    {
        await error.WriteLineAsync($"{Name}: {message}").ConfigureAwait(false);
        return exitCode;
    }
}
