using System.CommandLine;
using Tabular.ModelCache.Commands.Text;

namespace Tabular.ModelCache.Commands;

/// <summary>The commands that bring the store up to date: <c>sync</c>, <c>prune</c>, <c>unlock</c>.</summary>
internal static class WorkCommands
{
    public static IEnumerable<Command> Create(CommandContext context) => [Sync(context), Prune(context), Unlock(context)];

    private static Command Sync(CommandContext context)
    {
        var model = CommandOptions.OptionalModel("all configured models");
        var wait = CommandOptions.Wait();
        var command = new Command(
            "sync", "Publishes what has changed at the sources, heals a damaged active version, and prunes. Also run by MODEL_SYNC_MODE=1.")
        {
            model, wait,
        };
        command.SetAction(async (parsed, token) =>
        {
            var report = await context.Operations.SyncAsync(parsed.GetValue(model), CommandOptions.PatienceOf(parsed, wait), token).ConfigureAwait(false);
            context.Print(parsed, report, ReportJsonContext.Readable.SyncReport, WorkText.Write);
            foreach (var failed in report.Models.Where(m => m.Error is not null))
            {
                await context.TellAsync($"{failed.Name}: {failed.Error}").ConfigureAwait(false);
            }

            return report.ExitCode;
        });
        return command;
    }

    private static Command Prune(CommandContext context)
    {
        var model = CommandOptions.OptionalModel("all configured models");
        var dryRun = new Option<bool>("--dry-run") { Description = "Only tell what would be removed; takes no lease." };
        var wait = CommandOptions.Wait();
        var command = new Command(
            "prune", "Removes versions beyond retention and what dead runs left, as a sync does at its end, and asks no source. Never what is active, pinned, or within its grace period.")
        {
            model, dryRun, wait,
        };
        command.SetAction(async (parsed, token) =>
        {
            var report = await context.Operations.PruneAsync(
                parsed.GetValue(model), parsed.GetValue(dryRun), CommandOptions.PatienceOf(parsed, wait), token).ConfigureAwait(false);
            context.Print(parsed, report, ReportJsonContext.Readable.PruneReport, WorkText.Write);
            foreach (var failed in report.Models.Where(m => m.Error is not null))
            {
                await context.TellAsync($"{failed.Name}: {failed.Error}").ConfigureAwait(false);
            }

            return report.ExitCode;
        });
        return command;
    }

    private static Command Unlock(CommandContext context)
    {
        var model = CommandOptions.RequiredModel();
        var force = new Option<bool>("--force") { Description = "Release it at once although its holder may live; a live one notices and stops its pull." };
        var command = new Command(
            "unlock", "Releases the lease of a holder that is dead, after watching it for a whole time to live; a live one is refused with exit code 75.")
        {
            model, force,
        };
        command.SetAction(async (parsed, token) =>
        {
            var report = await context.Operations.UnlockAsync(parsed.GetRequiredValue(model), parsed.GetValue(force), token).ConfigureAwait(false);
            context.Print(parsed, report, ReportJsonContext.Readable.UnlockReport, ChangeText.Write);
            return ModelCacheExitCodes.Success;
        });
        return command;
    }
}
