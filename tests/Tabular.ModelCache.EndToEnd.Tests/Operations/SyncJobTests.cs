using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Operations;

/// <summary>The job of every night, <c>MODEL_SYNC_MODE=1</c>: it never serves, ends by itself, and its exit code says what became of it.</summary>
public sealed class SyncJobTests : IAsyncLifetime
{
    private const string Llm = "llm";
    private const string Embedder = "embedder";

    private CloudBucket _bucket = null!;
    private Deployment _deployment = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = await CloudBucket.StartAsync();
        _deployment = _bucket.Connect(new Deployment().WithModel(Llm, "ollama").WithModel(Embedder, "sbert")).With("MODEL_SYNC_MODE", "1");
        ModelFiles.WriteOllama(_deployment.Source(Llm), seed: 1, 20_000, 300);
        ModelFiles.WriteSbert(_deployment.Source(Embedder), seed: 1, 20_000);
    }

    [Fact]
    public async Task Job_NothingPublishedChangedUnchangedDamagedHeldFailed_EndsByItselfWithTheRightCode()
    {
        var published = await RunAsync(0, $"{Llm}: published", $"{Embedder}: published", "total: 2 models");
        await RunAsync(0, $"{Llm}: unchanged", $"{Embedder}: unchanged", "0 B pulled, 0 B copied on the server");

        ModelFiles.WriteOllama(_deployment.Source(Llm), seed: 2, 20_000, 300);
        await RunAsync(0, $"{Llm}: published", $"{Embedder}: unchanged");
        (await _deployment.RunCommandAsync("rollback", "--model", Llm)).ExitCode.Should().Be(0);
        await RunAsync(0, $"{Llm}: held {VersionIn(published, Llm)}");

        var active = (await _bucket.ReadManifestAsync()).Folders[Embedder];
        await _bucket.Store.DeleteAsync($"{active}/.done", cancellationToken: TestContext.Current.CancellationToken);
        await RunAsync(0, $"{Embedder}: healed");

        ModelFiles.WriteOllama(_deployment.Source(Llm), seed: 3, 20_000, 300);
        Directory.Delete(_deployment.Source(Embedder), recursive: true);
        var failed = await RunAsync(70, $"{Llm}: published", $"{Embedder}: failed");
        failed.Error.Should().Contain($"model-cache: {Embedder}: ").And.NotContain($"model-cache: {Llm}: ");
    }

    [Fact]
    public async Task Job_AnotherOneIsAtWorkOnTheModel_WaitsOrEndsWith75AndDoesTheOthers()
    {
        using var upload = new HeldUpload(_bucket);
        await using var first = _deployment.Start();
        await upload.WaitAsync();

        // The other model is free, although the first job has not come to it.
        var busy = await RunAsync(_bucket.Connect(_deployment.Copy()).WithSetting("Lease:CommandWait", "00:00:01"), 75, $"{Llm}: busy", $"{Embedder}: published");
        busy.Error.Should().Contain($"model-cache: {Llm}: The lease").And.Contain("try again later");

        await using var second = _deployment.Start();
        await second.WaitForErrorAsync($"for the lease of {Llm}");
        upload.Release();

        (await first.WaitForExitAsync()).Should().Be(0, first.Transcript);
        (await second.WaitForExitAsync()).Should().Be(0, second.Transcript);
        string.Join('\n', first.Output).Should().Contain($"{Llm}: published").And.Contain($"{Embedder}: unchanged");
        string.Join('\n', second.Output).Should().Contain($"{Llm}: unchanged").And.Contain($"{Embedder}: unchanged");
        _bucket.Flips.Select(f => f.Sequence).Should().Equal(1, 2);
    }

    [Fact]
    public async Task Job_TwoAtOnceOnDifferentModels_BothWorkAtTheSameTime()
    {
        using var upload = new HeldUpload(_bucket);
        await using var first = _deployment.Start("model-cache", "sync", "--model", Llm);
        await upload.WaitAsync();

        var other = await _deployment.RunCommandAsync("sync", "--model", Embedder, "--wait", "0");

        other.ExitCode.Should().Be(0, other.Error);
        other.Output.Should().Contain($"{Embedder}: published");
        first.HasExited.Should().BeFalse();
        upload.Release();
        (await first.WaitForExitAsync()).Should().Be(0, first.Transcript);
        (await _bucket.ReadManifestAsync()).Active.Keys.Should().BeEquivalentTo(Llm, Embedder);
    }

    public async ValueTask DisposeAsync()
    {
        _deployment.Dispose();
        await _bucket.DisposeAsync();
    }

    private Task<CommandResult> RunAsync(int exitCode, params string[] expected) => RunAsync(_deployment, exitCode, expected);

    private static async Task<CommandResult> RunAsync(Deployment deployment, int exitCode, params string[] expected)
    {
        // It fails when the process says that it listens.
        var result = await deployment.RunAsync();
        result.ExitCode.Should().Be(exitCode, result.Output + result.Error);
        result.Output.Should().ContainAll(expected);
        return result;
    }

    private static string VersionIn(CommandResult result, string model) =>
        result.Output.Split('\n').Single(l => l.StartsWith(model + ": ", StringComparison.Ordinal)).Split(' ', ',')[2];
}
