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

    private string In(string folder, string program) => Path.Join(_folder, folder, isComposite ? program : program + ".dll");

    /// <summary>All at once: what they share is built once, and each core compiles something.</summary>
    private async Task<string?> PublishAllAsync(CancellationToken cancellationToken)
    {
        var project = Path.Join(_folder, "publish.proj");
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(
            project,
            $"""
            <Project DefaultTargets="PublishAll">
              <PropertyGroup>
                <Common>Configuration=Release;RuntimeIdentifier=linux-x64;SelfContained={isComposite};PublishReadyToRun=true;PublishReadyToRunComposite={isComposite};RunAnalyzers=false;ArtifactsPath={Path.Join(_folder, "build")}</Common>
              </PropertyGroup>
              <ItemGroup>
                {Item(Path.Join("samples", "Tabular", "Tabular.csproj"), Programs.Sample)}
                {Item(Path.Join("tests", "Tabular.ModelCache.BareApp", "Tabular.ModelCache.BareApp.csproj"), Programs.Bare)}
                {(isComposite ? "" : Item(Path.Join("tests", "Tabular.ModelCache.TestProcess", "Tabular.ModelCache.TestProcess.csproj"), Programs.Worker))}
              </ItemGroup>
              <Target Name="PublishAll">
                <!-- A session of its own, or the projects would be read once, before there are the files that the restore writes. -->
                <MSBuild Projects="@(Program)" Targets="Restore" Properties="$(Common);MSBuildRestoreSessionId=restore" />
                <MSBuild Projects="@(Program)" Targets="Publish" Properties="$(Common)" BuildInParallel="true" />
              </Target>
            </Project>
            """,
            cancellationToken);
        return await RunAsync(["msbuild", project, $"-maxCpuCount:{Environment.ProcessorCount}", "-nodeReuse:false", "-verbosity:quiet", "-nologo"], cancellationToken);
    }

    private static string Item(string project, string program) =>
        $"""<Program Include="{Path.Join(BuildOutput.RepositoryRoot, project)}" AdditionalProperties="PublishDir={Path.GetDirectoryName(program)}/" />""";

    private static async Task<string?> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(BuildOutput.DotNet, arguments) { RedirectStandardOutput = true })
            ?? throw new BenchmarkException("dotnet msbuild did not start.");
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
