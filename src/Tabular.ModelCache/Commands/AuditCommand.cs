using System.CommandLine;
using Tabular.ModelCache.Requirements;

namespace Tabular.ModelCache.Commands;

/// <summary>The command <c>audit-requirements</c>: the audit that the item <c>ModelCacheRequirements</c> runs in a build. It needs no settings.</summary>
internal static class AuditCommand
{
    private const string Name = "audit-requirements";

    // As `verify --signature`: the question has been answered with no.
    private const int NotCpuOnly = 1;

    /// <summary>Whether it is this command, so that it runs where no model is configured.</summary>
    /// <param name="args">The arguments after <c>model-cache</c>.</param>
    public static bool IsIn(IReadOnlyList<string> args) => args.FirstOrDefault(a => !a.StartsWith('-')) == Name;

    public static Command Create(CommandContext context)
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Requirements files of pip that are installed together, in one run.",
            Arity = ArgumentArity.OneOrMore,
        };
        files.Validators.Add(parsed =>
        {
            if (parsed.Tokens.Any(t => t.Value.Length == 0))
            {
                parsed.AddError("A file has no name; expected is the path of a requirements file.");
            }
        });
        var python = new Option<string>("--python-version")
        {
            Description = $"The version of Python on the target, for environment markers; without it {TargetEnvironment.DefaultPythonVersion}.",
            DefaultValueFactory = _ => TargetEnvironment.DefaultPythonVersion,
        };
        python.Validators.Add(parsed =>
        {
            if (parsed.Tokens.Count == 1 && TargetEnvironment.TryCreate(parsed.Tokens[0].Value) is null)
            {
                parsed.AddError($"--python-version is '{parsed.Tokens[0].Value}'; allowed is a version such as 3.11 or 3.11.9.");
            }
        });
        var command = new Command(Name, "Audits requirements files of pip: CPU only, or not. Needs no settings. Exit code 0 or 1.") { files, python };
        command.SetAction(parsed =>
        {
            var target = TargetEnvironment.TryCreate(parsed.GetValue(python)!)!;
            var result = RequirementsAuditor.Audit(parsed.GetValue(files)!.Select(Path.GetFullPath), target, Environment.GetEnvironmentVariable);
            context.Print(parsed, AuditReport.Of(result), ReportJsonContext.Readable.AuditReport, (output, _) => Write(output, result));
            return result.Errors == 0 ? ModelCacheExitCodes.Success : NotCpuOnly;
        });
        return command;
    }

    private static void Write(TextWriter output, AuditResult result)
    {
        foreach (var finding in result.Findings)
        {
            output.WriteLine(finding.ToString());
        }

        output.WriteLine($"{result.Errors} errors, {result.Warnings} warnings, {result.Files.Count} files");
    }
}
