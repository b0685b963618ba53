using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Sources.Http;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>What the product's own sources meet.</summary>
internal static class SourceScenarios
{
    // Paths longer than 4096 bytes are the one thing that even root cannot remove by their names.
    private const string ProgramThatLeavesLongPaths =
        """
        #!/bin/sh
        printf %s "$OLLAMA_MODELS" > "$0.folder"
        cd "$OLLAMA_MODELS"
        part=$(printf %0250d 0)
        deep=$part/$part/$part/$part/$part/$part/$part/$part/$part/$part
        mkdir -p "a/$deep" "b/$deep"
        mv b "a/$deep/b"
        exit 3
        """;

    public static async Task RunAsync(TelemetryRun run)
    {
        var folder = Directory.CreateTempSubdirectory("telemetry-run-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Join(folder, "notes.txt"), "no model");
            await using (var doubtful = New(run, $"dir://{folder}"))
            {
                await (await ResolveAsync(doubtful)).DisposeAsync();
            }

            var program = Path.Join(folder, "ollama");
            await File.WriteAllTextAsync(program, ProgramThatLeavesLongPaths);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            await using var other = new PortTaker(folder);
            other.Prepend(program);
            await using var pulls = New(run, "ollama://m", null, ("ModelCache:Sources:OllamaProgram", program));
            await FailAsync(pulls);
            using var remove = Process.Start("rm", ["-rf", await File.ReadAllTextAsync(program + ".folder")]);
            await remove.WaitForExitAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        using var busy = new StubHandler(_ => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable));
        await using var asks = New(
            run,
            "hf://org/name",
            services => services
                .AddSingleton(SourceHttpHarness.Fast)
                .PostConfigure<HttpClientFactoryOptions>(
                    SourceHttpRegistration.ClientName, o => o.HttpMessageHandlerBuilderActions.Add(b => b.PrimaryHandler = busy)),
            ("ModelCache:Models:0:Kind", ModelKinds.Sbert));
        await FailAsync(asks);
    }

    private static TestCache New(
        TelemetryRun run, string source, Action<IServiceCollection>? services = null, params (string Key, string Value)[] settings) =>
        run.New(new InMemoryObjectStore(), new TestSource(), services, [("ModelCache:Models:0:Source", source), .. settings]);

    private static Task<ModelResolution> ResolveAsync(TestCache cache) =>
        cache.Services.GetRequiredService<ModelSources>().ResolveAsync(cache.Wanted.ToRequest(), CancellationToken.None);

    private static async Task FailAsync(TestCache cache)
    {
        var resolve = () => ResolveAsync(cache);
        await resolve.Should().ThrowAsync<ModelCacheException>();
    }
}
