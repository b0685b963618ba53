using System.Globalization;
using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>The log on Cloud Run, and the filters of the deployment's alerts on its real lines.</summary>
public sealed class CloudLoggingTests : IDisposable
{
    private const string Model = "llm";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Project = "acme-prod";

    private readonly Deployment _deployment = new Deployment()
        .WithModel(Model, "ollama")
        .With("K_SERVICE", "tabular")
        .With("GOOGLE_CLOUD_PROJECT", Project)
        .With("PORT", null)
        .With("ASPNETCORE_URLS", "http://127.0.0.1:0");

    public CloudLoggingTests() => ModelFiles.WriteOllama(_deployment.Source(Model), seed: 1, 10_000, 300);

    [Fact]
    public async Task Log_PullThenHit_IsOneObjectPerLineAndOnlyThePullIsACacheMiss()
    {
        var pulled = await RunUntilReadyAsync();
        var hit = await RunUntilReadyAsync();

        var miss = pulled.Where(LogFilter.Read("cache_miss").Matches).Should().ContainSingle().Subject;
        miss.GetProperty("modelName").GetString().Should().Be(Model, "the metric takes its label from it");
        miss.GetProperty("cache_hit").ValueKind.Should().Be(JsonValueKind.False);
        miss.GetProperty("severity").GetString().Should().Be("INFO");
        miss.GetProperty("message").GetString().Should().Contain("cache_hit=false");
        DateTimeOffset.Parse(miss.GetProperty("time").GetString()!, CultureInfo.InvariantCulture).Offset.Should().Be(TimeSpan.Zero);
        hit.Should().NotContain(l => LogFilter.Read("cache_miss").Matches(l))
            .And.Contain(l => l.GetProperty("message").GetString()!.Contains("cache_hit=true", StringComparison.Ordinal) && l.GetProperty("cache_hit").GetBoolean());
        pulled.Concat(hit).Should().NotContain(l => LogFilter.Read("degraded").Matches(l) || LogFilter.Read("start_failed").Matches(l));
    }

    [Fact]
    public async Task Log_StartThatFails_IsOneCriticalLineThatItsAlertFinds()
    {
        await using var app = _deployment.WithSetting("Models:0:Version", "llm-2020-01-01").Start();
        (await app.WaitForExitAsync()).Should().Be(70, app.Transcript);

        var failed = Parse(app).Where(LogFilter.Read("start_failed").Matches).Should().ContainSingle().Subject;
        failed.GetProperty("message").GetString().Should().Contain("llm-2020-01-01").And.NotContain("\n");
    }

    [Fact]
    public async Task Log_OlderVersionIsServed_IsFoundByTheAlertOfDegraded()
    {
        await RunUntilReadyAsync();
        var older = Directory.GetDirectories(Path.Join(_deployment.Mount, "ollama")).Single();
        ModelFiles.WriteOllama(_deployment.Source(Model), seed: 2, 10_000, 300);
        (await _deployment.RunCommandAsync("sync")).ExitCode.Should().Be(0);
        var newer = Directory.GetDirectories(Path.Join(_deployment.Mount, "ollama")).Single(f => f != older);
        File.Delete(Path.Join(newer, ".done"));

        await using var app = _deployment.WithSetting("FallbackToPreviousVersion", "true").WithSetting("Mount:LagTimeout", "00:00:01").Start();
        await app.WaitForStateAsync("degraded");

        Parse(app).Where(LogFilter.Read("degraded").Matches).Should().ContainSingle().Which.GetProperty("severity").GetString().Should().Be("WARNING");
    }

    [Theory]
    [InlineData("traceparent", "00-" + Trace + "-00f067aa0ba902b7-01")]
    [InlineData("X-Cloud-Trace-Context", Trace + "/1311768467294899695;o=1")]
    [InlineData("X-Cloud-Trace-Context", "nonsense")]
    public async Task Log_LineOfARequest_HasItsTrace(string header, string value)
    {
        await using var app = _deployment.With("Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics", "Information").Start();
        await app.WaitUntilReadyAsync();

        await app.GetAsync("livez?mine", header, value);

        var line = JsonSerializer.Deserialize<JsonElement>(await app.WaitForOutputAsync("/livez?mine"));
        var trace = line.GetProperty("logging.googleapis.com/trace").GetString()!;
        trace.Should().StartWith($"projects/{Project}/traces/");
        (trace == $"projects/{Project}/traces/{Trace}").Should().Be(value.Contains(Trace, StringComparison.Ordinal));
        line.GetProperty("logging.googleapis.com/spanId").GetString().Should().MatchRegex("^[0-9a-f]{16}$");
    }

    public void Dispose() => _deployment.Dispose();

    private async Task<IReadOnlyList<JsonElement>> RunUntilReadyAsync()
    {
        await using var app = _deployment.Start();
        await app.WaitUntilReadyAsync();
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
        app.Error.Should().BeEmpty();
        return Parse(app);
    }

    private static IReadOnlyList<JsonElement> Parse(TabularProcess app) =>
    [
        .. app.Output.Select(l => JsonSerializer.Deserialize<JsonElement>(l)).Select(l =>
        {
            l.GetProperty("severity").GetString().Should().BeOneOf("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL");
            l.GetProperty("message").GetString().Should().NotBeNullOrEmpty();
            l.GetProperty("logging.googleapis.com/labels").GetProperty("category").GetString().Should().NotBeNullOrEmpty();
            return l;
        }),
    ];
}
