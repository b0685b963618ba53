using System.Diagnostics;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary>A program of other people, if it is installed.</summary>
internal sealed class Tool(string program, IReadOnlyDictionary<string, string> environment)
{
    /// <summary>No call of these tests takes more than a few seconds; this ends one that hangs.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Finds a program in PATH; the test is skipped where there is none.</summary>
    public static Tool Require(string program, IReadOnlyDictionary<string, string>? environment = null)
    {
        var path = Find(program);
        Assert.SkipWhen(path is null, $"{program} is not installed.");
        return new Tool(path!, environment ?? new Dictionary<string, string>());
    }

    /// <returns>The path of a program in PATH, or <see langword="null"/>.</returns>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Join(folder, program))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs it and expects success.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await TryRunAsync(arguments);
        exitCode.Should().Be(0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)} wrote {output} {error}");
        return output;
    }

    public async Task<(int ExitCode, string Output, string Error)> TryRunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
