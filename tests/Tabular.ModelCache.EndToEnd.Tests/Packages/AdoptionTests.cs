using System.Net;
using System.Text.RegularExpressions;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Packages;

/// <summary>A new ASP.NET Core project outside of the repository that has nothing of it but the two packages and what their READMEs print.</summary>
[Collection(Alone.Name)]
public sealed partial class AdoptionTests : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = Poll.Deadline };

    [Fact]
    public async Task Adopt_NewProjectAsTheReadmePrintsIt_IsReadyAndVisible()
    {
        using var projects = await OutsideProjects.CreateAsync("Tabular.ModelCache");
        await BuildAppAsync(projects);

        using var deployment = new Deployment { Program = Built(projects, "App"), WorkingDirectory = projects.PathOf("App") };
        await using var app = deployment.With("MODEL_CACHE_PATH", null).With("ASPNETCORE_URLS", "http://127.0.0.1:0").Start();
        var address = await app.GetAddressAsync();
        await Poll.ForAsync(() => AnswersAsync(new Uri(address, "healthz"), HttpStatusCode.OK), () => $"200 from /healthz{app.Transcript}");

        (await GetAsync(new Uri(address, "healthz"))).Should().Be("Healthy");
        File.Exists(Path.Join(await GetAsync(address), "SHA256SUMS")).Should().BeTrue("the path of the model is that of its files");
        (await GetAsync(new Uri(address, "metrics"))).Should().MatchRegex(@"tabular_model_cache_requests_total\{[^}]*cache_hit=""false""[^}]*\} 1\b");
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
    }

    [Fact]
    public async Task Test_FiveTestsAsTheReadmeOfTheFakePrintsThem_Pass()
    {
        using var projects = await OutsideProjects.CreateAsync("Tabular.ModelCache", "Tabular.ModelCache.Testing");
        await BuildAppAsync(projects);
        projects.Write(Block("src/Tabular.ModelCache.Testing/README.md"), "App.Tests", "AppTests.cs");
        projects.Write(
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../App/App.csproj" />
                <PackageReference Include="Tabular.ModelCache.Testing" Version="{OutsideProjects.Version}" />
                <PackageReference Include="Microsoft.AspNetCore.Mvc.Testing" Version="{OutsideProjects.Metadata("Microsoft.AspNetCore.Mvc.Testing")}" />
                <PackageReference Include="xunit.v3" Version="{OutsideProjects.Metadata("xunit.v3")}" />
                <Using Include="Xunit" />
              </ItemGroup>
            </Project>
            """,
            "App.Tests", "App.Tests.csproj");
        await projects.DotNetAsync("build", projects.PathOf("App.Tests"), "-c", OutsideProjects.Configuration);

        var run = await Tool.RunAsync(SampleProgram.DotNet, [Built(projects, "App.Tests"), "-noColor"], projects.PathOf("App.Tests"));

        run.ExitCode.Should().Be(0, run.Output + run.Error);
        run.Output.Should().Contain("Total: 5, Errors: 0, Failed: 0, Skipped: 0");
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The ten lines and the settings of the README, and two lines for the metrics.</summary>
    private static async Task BuildAppAsync(OutsideProjects projects)
    {
        var program = Block("README.md")
            .Replace("var app =", "builder.Services.AddOpenTelemetry().WithMetrics(m => m.AddModelCacheInstrumentation().AddPrometheusExporter());\nvar app =", StringComparison.Ordinal)
            .Replace("await app.RunAsync", "app.MapPrometheusScrapingEndpoint();\nawait app.RunAsync", StringComparison.Ordinal);
        var settings = Block("README.md", "json");
        settings.Should().Contain("dir:///srv/models/llm");

        ModelFiles.WriteOllama(projects.PathOf("llm"), 1, 100_000);
        projects.Write("using OpenTelemetry.Metrics;\n" + program, "App", "Program.cs");
        projects.Write(settings.Replace("/srv/models/llm", projects.PathOf("llm"), StringComparison.Ordinal), "App", "appsettings.json");
        projects.Write(
            $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <ItemGroup>
                <PackageReference Include="Tabular.ModelCache" Version="{OutsideProjects.Version}" />
                <PackageReference Include="OpenTelemetry.Exporter.Prometheus.AspNetCore" Version="{OutsideProjects.Metadata("OpenTelemetry.Exporter.Prometheus.AspNetCore")}" />
                <PackageReference Include="OpenTelemetry.Extensions.Hosting" Version="{OutsideProjects.Metadata("OpenTelemetry.Extensions.Hosting")}" />
              </ItemGroup>
            </Project>
            """,
            "App", "App.csproj");
        await projects.DotNetAsync("build", projects.PathOf("App"), "-c", OutsideProjects.Configuration);
    }

    private static string Built(OutsideProjects projects, string name) =>
        projects.PathOf(name, "bin", OutsideProjects.Configuration, "net10.0", name + ".dll");

    /// <summary>The first block of a document in a language that is a whole program.</summary>
    private static string Block(string document, string language = "csharp")
    {
        var block = FencedBlocks().Matches(File.ReadAllText(Repository.PathOf(document))).First(m => m.Groups["language"].Value == language);
        return block.Groups["text"].Value;
    }

    private async Task<object?> AnswersAsync(Uri address, HttpStatusCode code)
    {
        using var response = await _client.GetAsync(address, TestContext.Current.CancellationToken);
        return response.StatusCode == code ? response : null;
    }

    private Task<string> GetAsync(Uri address) => _client.GetStringAsync(address, TestContext.Current.CancellationToken);

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex FencedBlocks();
}
