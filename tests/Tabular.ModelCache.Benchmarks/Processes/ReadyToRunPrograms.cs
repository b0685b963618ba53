using System.Diagnostics;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>The sample app, the one without the library, and the small programs that tests start, published with code that was compiled ahead.</summary>
internal sealed class ReadyToRunPrograms
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // Kept, so that only the first run has to compile everything.
    private static readonly string Folder = Path.Join(BuildOutput.RepositoryRoot, "artifacts", "ready-to-run");

    private Task<string?>? _published;

    public string SampleProgram { get; } = Path.Join(Folder, "sample", "Tabular.dll");

    public string BareProgram { get; } = Path.Join(Folder, "bare", "Tabular.ModelCache.BareApp.dll");

    public string WorkerProgram { get; } = Path.Join(Folder, "worker", "Tabular.ModelCache.TestProcess.dll");

    /// <summary>Publishes them, at the first call.</summary>
    /// <returns>What is missing; <see langword="null"/> if nothing is.</returns>
    public Task<string?> PublishAsync(CancellationToken cancellationToken) => _published ??= PublishAllAsync(cancellationToken);

    private async Task<string?> PublishAllAsync(CancellationToken cancellationToken) =>
        await PublishAsync(Path.Join("samples", "Tabular"), SampleProgram, cancellationToken)
            ?? await PublishAsync(Path.Join("tests", "Tabular.ModelCache.BareApp"), BareProgram, cancellationToken)
            ?? await PublishAsync(Path.Join("tests", "Tabular.ModelCache.TestProcess"), WorkerProgram, cancellationToken);

    private static async Task<string?> PublishAsync(string project, string program, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "publish", Path.Join(BuildOutput.RepositoryRoot, project), "--configuration", "Release", "--runtime", "linux-x64", "--self-contained", "false",
            "-p:PublishReadyToRun=true", "-p:RunAnalyzers=false", "--artifacts-path", Path.Join(Folder, "build"), "--output", Path.GetDirectoryName(program)!,
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
