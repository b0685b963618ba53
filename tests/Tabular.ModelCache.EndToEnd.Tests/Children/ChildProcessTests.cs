using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Children;

/// <summary>The sample with real child processes: stand-ins that look at their environment and files, and the embedder's own program.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private const int Killed = 128 + Signal.Kill;
    private const int WeightBytes = 70_000;

    // Cloud Run kills ten seconds after SIGTERM.
    private static readonly TimeSpan TimeToExit = TimeSpan.FromSeconds(8);

    private readonly TemporaryFolder _folder = new();
    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama");

    private string Record => _folder.Join("starts");

    [Fact]
    public async Task Start_GateOpens_ChildrenAnswerFromTheirModelsAndTheirOutputIsInTheLog()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 300_000, 200);
        ModelFiles.WriteSbert(_deployment.Source("bge"), seed: 1, WeightBytes);
        await File.WriteAllTextAsync(ModelFiles.Snapshot(_deployment.Source("bge"), "modules.json"), "[]", TestContext.Current.CancellationToken);
        var embedder = _deployment.WithModel("bge", "sbert").WithOllama("llm", Record).WithEmbedder("bge");
        await using var app = _deployment.Start();

        var health = await app.WaitUntilReadyAsync();

        health.StateOf("ollama").Should().Be("running");
        health.StateOf("embedder").Should().Be("running");
        health.Child("ollama").GetProperty("restarts").GetInt32().Should().Be(0);
        var served = await app.GetModelsAsync();
        ChildSetup.ReadStarts(Record).Should().ContainSingle().Which.Store.Should().Be(served.Single(m => m.Name == "llm").Path);
        (await EmbedAsync(embedder, "four")).Should().Equal(4, WeightBytes);
        await app.WaitForOutputAsync("Listening on 127.0.0.1");
        await TerminateAsync(app);
        ChildSetup.IsRunning(ChildSetup.ReadStarts(Record)[0].ProcessId).Should().BeFalse();
    }

    [Fact]
    public async Task Start_GateStaysClosed_NoChildIsStarted()
    {
        await ModelFiles.WriteHangingSbertAsync(_deployment.Source("bge"));
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 1000);
        await using var app = _deployment.WithModel("bge", "sbert").WithOllama("llm", Record).Start();

        // The model of the child is ready; the gate is that of all models.
        var health = await app.WaitForHealthAsync(
            h => h.Body.GetProperty("models").EnumerateArray().Any(m => m.GetProperty("state").GetString() == "ready"), "one of two models");

        health.Code.Should().Be(HttpStatusCode.ServiceUnavailable);
        health.StateOf("ollama").Should().Be("waiting_for_gate");
        await TerminateAsync(app);
        ChildSetup.ReadStarts(Record).Should().BeEmpty();
    }

    [Fact]
    public async Task Kill_Child_IsStartedAgainAfterABackoffAndServes()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 1000);
        await using var app = _deployment.WithOllama("llm", Record).Start();
        await app.WaitUntilReadyAsync();

        Signal.Send(ChildSetup.ReadStarts(Record)[0].ProcessId, Signal.Kill);

        await app.WaitForOutputAsync($"Child ollama is down: it ended with exit code {Killed}; it is started again in ");
        var health = await app.WaitForHealthAsync(h => h.Code == HttpStatusCode.OK && h.Child("ollama").GetProperty("restarts").GetInt32() == 1, "a restart");
        health.StateOf("ollama").Should().Be("running");
        health.Child("ollama").GetProperty("last_exit_code").GetInt32().Should().Be(Killed);
        var starts = ChildSetup.ReadStarts(Record);
        starts.Should().HaveCount(2);
        starts[1].Store.Should().Be(starts[0].Store);
        await TerminateAsync(app);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    [InlineData(false, HttpStatusCode.OK, "Degraded")]
    public async Task Run_ChildFailsEachTime_HealthTellsIt(bool required, HttpStatusCode code, string status)
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 1000);
        _deployment.WithChild(0, "broken", "llm", "sh", "-c", "exit 3").With("Children__0__Required", $"{required}");
        await using var app = _deployment.Start();

        var health = await app.WaitForHealthAsync(
            h => h.State == "ready" && h.StateOf("broken") == "backing_off" && h.Child("broken").GetProperty("restarts").GetInt32() > 0, "a second failure");

        health.Code.Should().Be(code);
        health.Status.Should().Be(status);
        health.Child("broken").GetProperty("last_exit_code").GetInt32().Should().Be(3);
        health.Child("broken").GetProperty("reason").GetString().Should().Be("it ended with exit code 3");
        await TerminateAsync(app);
    }

    [Fact]
    public async Task Run_ProgramIsMissing_HealthNamesIt()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 1000);
        await using var app = _deployment.WithChild(0, "missing", "llm", "no-such-program").Start();

        var health = await app.WaitForHealthAsync(h => h.State == "ready" && h.StateOf("missing") == "backing_off", "a child that cannot be started");

        health.Code.Should().Be(HttpStatusCode.ServiceUnavailable);
        health.Child("missing").GetProperty("reason").GetString().Should().Contain("'no-such-program' cannot be started").And.Contain("Command");
        await TerminateAsync(app);
    }

    [Fact]
    public async Task Terminate_ChildIgnoresItAndHasAChildOfItsOwn_AllAreGoneInTime()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 1000);
        _deployment.WithChild(0, "stubborn", "llm", "sh", "-c", "trap '' TERM; sleep 1000 & echo \"processes $$ $!\"; wait");
        await using var app = _deployment.Start();
        var line = (await app.WaitForOutputAsync("processes ")).Trim().Split(' ');
        var processes = line[^2..].Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToList();
        await app.WaitUntilReadyAsync();
        processes.Should().OnlyContain(p => ChildSetup.IsRunning(p));

        await TerminateAsync(app);

        processes.Should().NotContain(p => ChildSetup.IsRunning(p));
        app.Output.Should().Contain(l => l.Contains("did not end within 3.0 s of SIGTERM and is killed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FollowUpdates_NewVersion_ChildIsStartedAgainWithItsEnvironment()
    {
        await using var bucket = await CloudBucket.StartAsync();
        _deployment.WithSetting("Mount:ProbeInterval", "00:00:01");
        await PublishAsync(bucket, seed: 1);
        await using var app = bucket.Connect(_deployment.Copy().WithOllama("llm", Record)).WithSetting("FollowUpdates", "true").Start();
        await app.WaitUntilReadyAsync();

        await PublishAsync(bucket, seed: 2);

        var starts = await Poll.ForAsync(
            () => Task.FromResult(ChildSetup.ReadStarts(Record) is { Count: 2 } two ? two : null), () => $"a second start{app.Transcript}");
        starts[1].Store.Should().Be((await app.GetModelsAsync()).Single().Path).And.NotBe(starts[0].Store);
        ChildSetup.IsRunning(starts[0].ProcessId).Should().BeFalse();
        var health = await app.WaitForHealthAsync(h => h.StateOf("ollama") == "running", "the new version");
        health.Child("ollama").GetProperty("restarts").GetInt32().Should().Be(0, "nothing has failed");
        await TerminateAsync(app);
    }

    [Fact]
    public async Task Start_ChildOfAnUnknownModel_IsRefusedInOneLine()
    {
        await using var app = _deployment.WithChild(0, "ollama", "lllm", "ollama", "serve").Start();

        (await app.WaitForExitAsync()).Should().Be(70, app.Transcript);

        app.Error.Should().Equal("Children:0:Model is 'lllm'; expected one of llm (ModelCache:Models).");
    }

    public void Dispose()
    {
        _deployment.Dispose();
        _folder.Dispose();
    }

    private async Task PublishAsync(CloudBucket bucket, int seed)
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed, 100_000, 300);
        var sync = await bucket.Connect(_deployment).RunCommandAsync("sync");
        sync.ExitCode.Should().Be(0, sync.Error);
    }

    private static async Task<double[]> EmbedAsync(Uri embedder, string text)
    {
        using var client = new HttpClient { BaseAddress = embedder, Timeout = Poll.Deadline };
        using var response = await client.PostAsJsonAsync("embed", new { texts = new[] { text } }, TestContext.Current.CancellationToken);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        body.GetProperty("model").GetString().Should().Be("acme/embedder");
        return body.GetProperty("embeddings")[0].Deserialize<double[]>()!;
    }

    private static async Task TerminateAsync(TabularProcess app)
    {
        var watch = Stopwatch.StartNew();
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
        watch.Elapsed.Should().BeLessThan(TimeToExit);
        app.Error.Should().BeEmpty();
    }
}
