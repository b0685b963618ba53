using System.CommandLine;
using Tabular.ModelCache.Commands.Text;

namespace Tabular.ModelCache.Commands;

/// <summary>The commands that change nothing: <c>status</c>, <c>verify</c>, <c>env</c>, <c>doctor</c>.</summary>
internal static class LookCommands
{
    public static IEnumerable<Command> Create(CommandContext context) => [Status(context), Verify(context), Env(context), Doctor(context)];

    private static Command Status(CommandContext context)
    {
        var command = new Command("status", "Shows models, versions, leases and leftovers.");
        command.SetAction(async (parsed, token) =>
        {
            var report = await context.Operations.GetStatusAsync(token).ConfigureAwait(false);
            context.Print(parsed, report, ReportJsonContext.Readable.StatusReport, StatusText.Write);
            return ModelCacheExitCodes.Success;
        });
        return command;
    }

    private static Command Verify(CommandContext context)
    {
        var model = CommandOptions.OptionalModel("all configured models");
        var level = new Option<VerificationLevel?>("--level") { Description = "Marker, Metadata or Content; without it the configured level." };
        var command = new Command("verify", "Verifies, through the mount, the versions that this configuration serves.") { model, level };
        command.SetAction(async (parsed, token) =>
        {
            var report = await context.Operations.VerifyAsync(parsed.GetValue(level), parsed.GetValue(model), token).ConfigureAwait(false);
            context.Print(parsed, report, ReportJsonContext.Readable.VerifyReport, WorkText.Write);
            return report.ExitCode;
        });
        SigningCommands.AddFolderForm(command, context.Output, context.Error);
        return command;
    }

    private static Command Env(CommandContext context)
    {
        var model = CommandOptions.OptionalModel("all configured models, which is refused when two of them need the same variable");
        var command = new Command(
            "env", "Prints the variables with which a shell's programs read the versions that this configuration serves: eval \"$(... model-cache env)\". Verifies nothing.")
        {
            model,
        };
        command.SetAction(async (parsed, token) =>
        {
            var report = await context.Operations.GetEnvironmentAsync(parsed.GetValue(model), token).ConfigureAwait(false);
            context.Print(parsed, report, ReportJsonContext.Readable.EnvironmentReport, ChangeText.Write);
            return ModelCacheExitCodes.Success;
        });
        return command;
    }

    private static Command Doctor(CommandContext context)
    {
        var command = new Command(
            ModelCacheCommand.Doctor,
            "Looks for what is wrong with the mount, the bucket, the permissions, the manifest and the environment. Changes nothing.");
        command.SetAction(async (parsed, token) =>
        {
            var report = await context.Doctor.RunAsync(token).ConfigureAwait(false);
            context.Print(parsed, report, ReportJsonContext.Readable.DoctorReport, DoctorText.Write);
            return report.ExitCode;
        });
        return command;
    }
}
