using System.Diagnostics;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>The programs with code that was compiled ahead.</summary>
/// <param name="isComposite">Whether the framework is compiled with them, which takes minutes for each; the worker is left out then.</param>
internal sealed class ReadyToRunPrograms(bool isComposite)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    // Kept, so that only the first run has to compile everything.
    private readonly string _folder = Path.Join(BuildOutput.RepositoryRoot, "artifacts", isComposite ? "composite" : "ready-to-run");

    private Task<string?>? _published;

    public Programs Programs => new(In("sample", "Tabular"), In("bare", "Tabular.ModelCache.BareApp"), In("worker", "Tabular.ModelCache.TestProcess"));

    /// <summary>Publishes them, at the first call.</summary>
    /// <returns>What is missing; <see langword="null"/> if nothing is.</returns>
    public Task<string?> PublishAsync(CancellationToken cancellationToken) => _published ??= PublishAllAsync(cancellationToken);

    private async Task<string?> PublishAllAsync(CancellationToken cancellationToken) =>
        await PublishAsync(Path.Join("samples", "Tabular"), Programs.Sample, cancellationToken)
            ?? await PublishAsync(Path.Join("tests", "Tabular.ModelCache.BareApp"), Programs.Bare, cancellationToken)
            ?? (isComposite ? null : await PublishAsync(Path.Join("tests", "Tabular.ModelCache.TestProcess"), Programs.Worker, cancellationToken));

    private string In(string folder, string program) => Path.Join(_folder, folder, isComposite ? program : program + ".dll");

    private async Task<string?> PublishAsync(string project, string program, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "publish", Path.Join(BuildOutput.RepositoryRoot, project), "--configuration", "Release", "--runtime", "linux-x64", "--self-contained", isComposite ? "true" : "false",
            "-p:PublishReadyToRun=true", $"-p:PublishReadyToRunComposite={isComposite}", "-p:RunAnalyzers=false", "--artifacts-path", Path.Join(_folder, "build"), "--output", Path.GetDirectoryName(program)!,
            "-nodeReuse:false", "-v", "quiet",
        ];
        using var process = Process.Start(new ProcessStartInfo(BuildOutput.DotNet, arguments) { RedirectStandardOutput = true })
            ?? throw new BenchmarkException("dotnet publish did not start.");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Deadline);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);

            // The compiler is a package of its own, which is not in every registry.
            return process.ExitCode == 0
                ? null
                : $"a build with PublishReadyToRun ({output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal))?.Trim() ?? "no reason given"})";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"a build with PublishReadyToRun (it did not end within {Deadline})";
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
