using System.Diagnostics;
using System.Reflection;

namespace Tabular.ModelCache.Tests.Hosting;

/// <summary>Programs of other kinds than a web app, as processes that have no ASP.NET Core.</summary>
public sealed class ProgramKindTests : IDisposable
{
    private static readonly string Program = typeof(ProgramKindTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "TestProgram").Value!;

    private readonly string _root = Directory.CreateTempSubdirectory("program-kinds-").FullName;

    public ProgramKindTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "source", "blobs"));
        Directory.CreateDirectory(Path.Combine(_root, "source", "manifests"));
        File.WriteAllText(Path.Combine(_root, "source", "blobs", "a"), "content");
        File.WriteAllText(Path.Combine(_root, "source", "manifests", "m"), "refers to it");
    }

    [Fact]
    public async Task Worker_AfterTheSyncOfAConsoleProgram_Hits()
    {
        var (exitCode, output) = await RunAsync("model-cache", "sync");
        exitCode.Should().Be(0, output);
        output.Should().Contain("demo");

        (exitCode, output) = await RunAsync("worker");

        exitCode.Should().Be(0, output);
        output.Should().StartWith(Path.Combine(_root, "models", "ollama", "demo-")).And.EndWith(" True\n");
        (await File.ReadAllTextAsync(Path.ChangeExtension(Program, "runtimeconfig.json"))).Should().NotContain("AspNetCore");
    }

    [Fact]
    public async Task Worker_NothingPublished_PullsByItself()
    {
        var (exitCode, output) = await RunAsync("worker");

        exitCode.Should().Be(0, output);
        output.Should().EndWith(" False\n");
    }

    [Fact]
    public async Task Worker_SourceIsGone_EndsWith70()
    {
        Directory.Delete(Path.Combine(_root, "source"), recursive: true);

        (await RunAsync("worker")).ExitCode.Should().Be(70);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] args)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var start = new ProcessStartInfo("dotnet", [Program, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ModelCache__MountPath"] = Path.Combine(_root, "models");
        start.Environment["ModelCache__Models__0__Name"] = "demo";
        start.Environment["ModelCache__Models__0__Kind"] = ModelKinds.Ollama;
        start.Environment["ModelCache__Models__0__Source"] = $"dir://{_root}/source";
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
