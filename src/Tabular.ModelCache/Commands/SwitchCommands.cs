using System.CommandLine;
using Tabular.ModelCache.Commands.Text;
using Tabular.ModelCache.Operations;

namespace Tabular.ModelCache.Commands;

/// <summary>The commands that change the manifest by hand: <c>rollback</c>, <c>activate</c>, <c>pin</c>, <c>unpin</c>.</summary>
internal static class SwitchCommands
{
    public static IEnumerable<Command> Create(CommandContext context) =>
    [
        RollBack(context),
        OfVersion(
            context,
            "activate",
            "Makes a kept version active, and holds nothing back any more: syncs follow the source again. Copies nothing.",
            (model, version, patience, token) => context.Operations.ActivateAsync(model, version, patience, token)),
        OfVersion(
            context,
            "pin",
            "Pins a kept version, so that it is never pruned.",
            (model, version, patience, token) => context.Operations.PinAsync(model, version, patience, token)),
        OfVersion(
            context,
            "unpin",
            "Takes the pin of a version away.",
            (model, version, patience, token) => context.Operations.UnpinAsync(model, version, patience, token)),
    ];

    private static Command RollBack(CommandContext context)
    {
        var model = CommandOptions.RequiredModel();
        var to = new Option<string?>("--to") { Description = "A kept version; without it the one that was active before." };
        var reason = new Option<string?>("--reason") { Description = "Why: one line for the log, the manifest and status." };
        var wait = CommandOptions.Wait();
        var command = new Command(
            "rollback", "Makes an earlier kept version active, and holds back the digest that was active until 'activate'. Copies nothing.")
        {
            model, to, reason, wait,
        };
        command.SetAction(async (parsed, token) => Print(
            context,
            parsed,
            await context.Operations.RollBackAsync(
                parsed.GetRequiredValue(model), parsed.GetValue(to), parsed.GetValue(reason), CommandOptions.PatienceOf(parsed, wait), token).ConfigureAwait(false)));
        return command;
    }

    private static Command OfVersion(
        CommandContext context, string name, string description, Func<string, string, TimeSpan?, CancellationToken, Task<ChangeReport>> change)
    {
        var model = CommandOptions.RequiredModel();
        var version = CommandOptions.RequiredVersion();
        var wait = CommandOptions.Wait();
        var command = new Command(name, description) { model, version, wait };
        command.SetAction(async (parsed, token) => Print(
            context,
            parsed,
            await change(
                parsed.GetRequiredValue(model), parsed.GetRequiredValue(version), CommandOptions.PatienceOf(parsed, wait), token).ConfigureAwait(false)));
        return command;
    }

    private static int Print(CommandContext context, ParseResult parsed, ChangeReport report)
    {
        context.Print(parsed, report, ReportJsonContext.Readable.ChangeReport, ChangeText.Write);
        return ModelCacheExitCodes.Success;
    }
}
