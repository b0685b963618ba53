using System.Reflection;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Audit;

/// <summary>An app outside of the repository that takes the package from a feed in a folder, as its users do, with no network.</summary>
public sealed class AuditedApp : IAsyncLifetime
{
    private const string Version = "0.1.0-audited";

    // No process outlives the build: a compiler or a node that does keeps its output open.
    private static readonly string[] NoServers = ["-tl:off", "-m:1", "-nodeReuse:false", "-p:UseSharedCompilation=false"];

    private readonly TemporaryFolder _folder = new();

    public string PathOf(string name) => _folder.Join("app", name);

    public void Write(string name, string text) => File.WriteAllText(PathOf(name), text);

    /// <summary>The files of the audit among those that builds have left.</summary>
    public IEnumerable<string> Traces() => Directory.EnumerateFiles(PathOf("obj"), "*.ModelCacheRequirements.*", SearchOption.AllDirectories);

    public async ValueTask InitializeAsync()
    {
        var configuration = typeof(AuditedApp).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var project = Repository.PathOf("src/Tabular.ModelCache/Tabular.ModelCache.csproj");
        Require(await RunAsync("pack", project, "--no-build", "-c", configuration, "-o", _folder.Join("feed"), $"-p:PackageVersion={Version}"));

        Directory.CreateDirectory(PathOf(""));
        Write("Program.cs", "return 0;\n");
        Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>{_folder.Join("feed")}</RestoreSources>
                <RestorePackagesPath>{_folder.Join("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{PackageFolder()}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Tabular.ModelCache" Version="{Version}" />
                <ModelCacheRequirements Include="requirements.txt" Condition="'$(Audited)' != 'false'" />
              </ItemGroup>
            </Project>
            """);
        Require(await RunAsync("restore", PathOf("app.csproj")));
    }

    /// <summary>Builds the app, with a log that names each target and task.</summary>
    internal Task<CommandResult> BuildAsync(params string[] arguments) =>
        RunAsync(["build", PathOf("app.csproj"), "--no-restore", "-v:detailed", .. arguments]);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string PackageFolder() =>
        typeof(AuditedApp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PackageFolder").Value!;

    private static void Require(CommandResult result) => result.ExitCode.Should().Be(0, result.Output + result.Error);

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Tool.RunAsync(SampleProgram.DotNet, [.. arguments, .. NoServers], _folder.Path);
}
