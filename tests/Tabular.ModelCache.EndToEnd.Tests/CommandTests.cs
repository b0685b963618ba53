using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>The commands of the same program: output, exit codes, and no server.</summary>
public sealed class CommandTests : IDisposable
{
    private const int Usage = 64;
    private const int Failed = 70;
    private const int Busy = 75;

    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama").WithModel("embedder", "sbert");

    public CommandTests()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 50_000, 100);
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 1, 50_000);
    }

    [Fact]
    public async Task Commands_Json_PrintNothingElseOnStandardOutput()
    {
        var empty = await _deployment.RunCommandAsync("status", "--json");
        empty.ExitCode.Should().Be(0, empty.Error);
        Models(empty).Should().AllSatisfy(m => m.GetProperty("versions").GetArrayLength().Should().Be(0));
        Directory.Exists(_deployment.Mount).Should().BeFalse("looking writes nothing");

        var first = await _deployment.RunCommandAsync("sync", "--json");
        first.ExitCode.Should().Be(0, first.Error);
        Models(first).Select(m => m.GetProperty("action").GetString()).Should().Equal("published", "published");
        Models(first).Should().AllSatisfy(m => m.GetProperty("bytesPulled").GetInt64().Should().BePositive());

        var second = await _deployment.RunCommandAsync("sync", "--json");
        second.ExitCode.Should().Be(0, second.Error);
        Models(second).Select(m => m.GetProperty("action").GetString()).Should().Equal("unchanged", "unchanged");
        Models(second).Should().AllSatisfy(m => m.GetProperty("bytesPulled").GetInt64().Should().Be(0));

        var status = await _deployment.RunCommandAsync("--json", "status");
        status.ExitCode.Should().Be(0, status.Error);
        foreach (var model in Models(status))
        {
            model.GetProperty("active").GetString().Should().Be(model.GetProperty("versions")[0].GetProperty("version").GetString());
            model.GetProperty("lease").GetProperty("state").GetString().Should().Be("released");
            model.GetProperty("leftovers").GetInt32().Should().Be(0);
        }

        var verified = await _deployment.RunCommandAsync("verify", "--json", "--level", "Content");
        verified.ExitCode.Should().Be(0, verified.Error);
        Models(verified).Should().AllSatisfy(m => m.GetProperty("problem").ValueKind.Should().Be(JsonValueKind.Null));
    }

    [Fact]
    public async Task Verify_FlippedByte_ExitsAndNamesTheFile()
    {
        await _deployment.RunCommandAsync("sync");
        var file = Directory.EnumerateFiles(_deployment.Mount, "*.safetensors", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 0x80;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var marker = await _deployment.RunCommandAsync("verify", "--level", "Marker");
        var content = await _deployment.RunCommandAsync("verify", "--level", "Content", "--json");
        var other = await _deployment.RunCommandAsync("verify", "--level", "Content", "--model", "llm");

        marker.ExitCode.Should().Be(0, "the size is right");
        content.ExitCode.Should().Be(Failed, content.Error);
        Models(content).Single(m => m.GetProperty("name").GetString() == "embedder").GetProperty("problem").GetString()
            .Should().Contain(Path.GetFileName(file));
        other.ExitCode.Should().Be(0, other.Output + other.Error);
    }

    [Fact]
    public async Task SyncMode_ChangedSource_PublishesTheNewVersionAndKeepsTheOld()
    {
        _deployment.With("MODEL_SYNC_MODE", "1");
        (await _deployment.RunAsync()).ExitCode.Should().Be(0);
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 2, 50_000);

        var second = await _deployment.RunAsync();

        second.ExitCode.Should().Be(0, second.Error);
        second.Output.Should().Contain("embedder: published").And.Contain("llm: unchanged").And.Contain("total:");
        Directory.GetDirectories(Path.Join(_deployment.Mount, "sbert")).Should().HaveCount(2);
        Directory.GetDirectories(Path.Join(_deployment.Mount, "ollama")).Should().ContainSingle();
    }

    [Fact]
    public async Task Sync_OneSourceIsMissing_SyncsTheOtherAndFails()
    {
        Directory.Delete(_deployment.Source("llm"), recursive: true);

        var result = await _deployment.RunCommandAsync("sync", "--json");

        result.ExitCode.Should().Be(Failed, result.Error);
        Models(result).Select(m => m.GetProperty("action").GetString()).Should().Equal("failed", "published");
        Models(result)[0].GetProperty("error").GetString().Should().Contain(_deployment.Source("llm"));
    }

    [Fact]
    public async Task Sync_LeaseIsHeld_GivesUpAfterItsPatience()
    {
        await ModelFiles.WriteHangingSbertAsync(_deployment.Source("embedder"));
        await using var holder = _deployment.Start();
        await holder.WaitForOutputAsync("Acquired the lease of embedder");
        await holder.WaitForHealthAsync(h => h.Reason.Contains("resolving", StringComparison.Ordinal), "the hanging source");
        holder.Send(Signal.Stop);

        var result = await _deployment.RunCommandAsync("sync", "--wait", "1", "--model", "embedder", "--json");

        result.ExitCode.Should().Be(Busy, result.Error);
        Models(result).Should().ContainSingle().Which.GetProperty("action").GetString().Should().Be("busy");
    }

    [Theory]
    [InlineData("sync", "--colour")]
    [InlineData("sync", "--wait", "-1")]
    [InlineData("sync", "--wait", "soon")]
    [InlineData("sync", "--model", "other")]
    [InlineData("verify", "--level", "Some")]
    [InlineData("frobnicate")]
    [InlineData]
    public async Task Command_WrongArguments_ExitsWithUsage(params string[] arguments)
    {
        var result = await _deployment.RunCommandAsync(arguments);

        result.ExitCode.Should().Be(Usage, result.Error);
        result.Output.Should().BeEmpty();
        result.Error.Should().Contain("model-cache: ").And.NotContain("   at ");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("sync", "--help")]
    public async Task Command_Help_PrintsIt(params string[] arguments)
    {
        var result = await _deployment.RunCommandAsync(arguments);

        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain("Usage:").And.Contain("sync");
        Directory.Exists(_deployment.Mount).Should().BeFalse();
    }

    public void Dispose() => _deployment.Dispose();

    private static JsonElement[] Models(CommandResult result) => [.. result.Json.GetProperty("models").EnumerateArray()];
}
