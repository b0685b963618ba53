using System.Reflection;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Packages;

/// <summary>Projects outside of the repository that take its packages from a feed in a folder, as users do, with no network.</summary>
internal sealed class OutsideProjects : IDisposable
{
    public const string Version = "0.1.0-outside";

    public const string Configuration = "Debug";

    /// <summary>Several restores and builds of small projects, with the machine at other work.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // No process outlives the build: a compiler or a node that does keeps its output open.
    private static readonly string[] NoServers = ["-tl:off", "-m:1", "-nodeReuse:false", "-p:UseSharedCompilation=false"];

    private readonly TemporaryFolder _folder = new();

    private OutsideProjects()
    {
    }

    /// <summary>Packs packages, as the build of these tests has made them, into the feed.</summary>
    public static async Task<OutsideProjects> CreateAsync(params string[] packages)
    {
        var projects = new OutsideProjects();
        try
        {
            await projects.PackAsync(packages);
            return projects;
        }
        catch
        {
            projects.Dispose();
            throw;
        }
    }

    public string PathOf(params string[] names) => _folder.Join(names);

    public void Write(string text, params string[] names)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(names))!);
        File.WriteAllText(PathOf(names), text);
    }

    /// <summary>Runs <c>dotnet</c>, which must succeed.</summary>
    public async Task<CommandResult> DotNetAsync(params string[] arguments)
    {
        var result = await TryDotNetAsync(arguments);
        result.ExitCode.Should().Be(0, result.Output + result.Error);
        return result;
    }

    /// <summary>Runs <c>dotnet</c>, which may fail.</summary>
    public Task<CommandResult> TryDotNetAsync(params string[] arguments) =>
        Tool.RunAsync(SampleProgram.DotNet, [.. arguments, .. NoServers], _folder.Path, Deadline);

    public void Dispose() => _folder.Dispose();

    private async Task PackAsync(string[] packages)
    {
        var built = typeof(OutsideProjects).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        foreach (var package in packages)
        {
            await DotNetAsync(
                "pack", Repository.PathOf($"src/{package}/{package}.csproj"), "--no-build", "-c", built, "-o", PathOf("feed"), $"-p:PackageVersion={Version}");
        }

        // In this file, so that the projects are as their owner would write them.
        Write(
            $"""
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <RestoreSources>{PathOf("feed")}</RestoreSources>
                <RestorePackagesPath>{PathOf("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{Metadata("PackageFolder")}</RestoreFallbackFolders>
              </PropertyGroup>
            </Project>
            """,
            "Directory.Build.props");
    }

    /// <summary>Reads what the build of these tests knew.</summary>
    public static string Metadata(string key) =>
        typeof(OutsideProjects).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
