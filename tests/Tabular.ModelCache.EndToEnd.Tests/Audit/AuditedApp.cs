using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Packages;

namespace Tabular.ModelCache.EndToEnd.Tests.Audit;

/// <summary>An app outside of the repository that takes the package and has its requirements audited.</summary>
public sealed class AuditedApp : IAsyncLifetime
{
    private OutsideProjects _projects = null!;

    public string PathOf(string name) => _projects.PathOf("app", name);

    public void Write(string name, string text) => _projects.Write(text, "app", name);

    /// <summary>The files of the audit among those that builds have left.</summary>
    public IEnumerable<string> Traces() => Directory.EnumerateFiles(PathOf("obj"), "*.ModelCacheRequirements.*", SearchOption.AllDirectories);

    public async ValueTask InitializeAsync()
    {
        _projects = await OutsideProjects.CreateAsync("Tabular.ModelCache");
        Write("Program.cs", "return 0;\n");
        Write("app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Tabular.ModelCache" Version="{OutsideProjects.Version}" />
                <ModelCacheRequirements Include="requirements.txt" Condition="'$(Audited)' != 'false'" />
              </ItemGroup>
            </Project>
            """);
        await _projects.DotNetAsync("restore", PathOf("app.csproj"));
    }

    /// <summary>Builds the app, with a log that names each target and task.</summary>
    internal Task<CommandResult> BuildAsync(params string[] arguments) =>
        _projects.TryDotNetAsync(["build", PathOf("app.csproj"), "--no-restore", "-v:detailed", .. arguments]);

    public ValueTask DisposeAsync()
    {
        _projects?.Dispose();
        return ValueTask.CompletedTask;
    }
}
