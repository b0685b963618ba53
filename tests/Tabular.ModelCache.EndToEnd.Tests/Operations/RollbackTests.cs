using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Operations;

/// <summary>Back to an older version and forth again, by one change of the manifest each, with the syncs of the night in between.</summary>
public sealed class RollbackTests
{
    [Fact]
    public async Task RollBack_ThenSyncAndActivate_InstancesServeWhatTheOperatorSaid()
    {
        await using var bucket = await OperatedBucket.StartAsync();
        await bucket.PublishAsync(2);
        (await bucket.StartAndStopAsync()).Version.Should().Be(bucket.Versions[1]);

        var back = await bucket.RunFlipAsync("rollback", "--model", OperatedBucket.Model, "--reason", "answers are worse");

        back.GetProperty("action").GetString().Should().Be("rolledBack");
        back.GetProperty("active").GetString().Should().Be(bucket.Versions[0]);
        var held = back.GetProperty("held").GetString();
        (await bucket.StartAndStopAsync()).Version.Should().Be(bucket.Versions[0]);

        // The source is still at what was rolled back from.
        (await SyncAsync(bucket)).Should().Be("held");
        (await bucket.StartAndStopAsync()).Version.Should().Be(bucket.Versions[0]);
        var status = (await bucket.RunAsync(0, "status", "--json")).Json.GetProperty("models")[0];
        status.GetProperty("held").GetString().Should().Be(held);
        status.GetProperty("heldReason").GetString().Should().Be("answers are worse");
        (await bucket.RunAsync(0, "status")).Output.Should().Contain("because: answers are worse");

        var forth = await bucket.RunFlipAsync("activate", "--model", OperatedBucket.Model, "--version", bucket.Versions[1]);

        forth.GetProperty("held").ValueKind.Should().Be(JsonValueKind.Null);
        (await bucket.StartAndStopAsync()).Version.Should().Be(bucket.Versions[1]);
        (await SyncAsync(bucket)).Should().Be("unchanged");

        // A digest that is neither held nor known is followed again.
        await bucket.PublishAsync(1);
        (await bucket.StartAndStopAsync()).Version.Should().Be(bucket.Versions[2]);
    }

    [Fact]
    public async Task Start_PinnedByConfiguration_ServesTheOlderVersionWhateverIsActive()
    {
        await using var bucket = await OperatedBucket.StartAsync();
        await bucket.PublishAsync(3);
        await bucket.RunFlipAsync("pin", "--model", OperatedBucket.Model, "--version", bucket.Versions[0]);
        var pinned = bucket.Copy().WithSetting("Models:0:Version", bucket.Versions[0]);

        (await bucket.StartAndStopAsync(pinned)).Version.Should().Be(bucket.Versions[0]);
        await bucket.RunFlipAsync("rollback", "--model", OperatedBucket.Model);
        (await bucket.StartAndStopAsync(pinned)).Version.Should().Be(bucket.Versions[0]);
        (await bucket.StartAndStopAsync()).Version.Should().Be(bucket.Versions[1]);
        await bucket.RunFlipAsync("unpin", "--model", OperatedBucket.Model, "--version", bucket.Versions[0]);
        (await bucket.RunAsync(0, "unpin", "--model", OperatedBucket.Model, "--version", bucket.Versions[0])).Output.Should().Contain("unchanged");
    }

    [Fact]
    public async Task Commands_WhatTheyCannotDo_EndWithTheirCodeAndOneLine()
    {
        await using var bucket = await OperatedBucket.StartAsync();
        await bucket.PublishAsync(1);
        var before = await bucket.Bucket.ListAsync();

        foreach (var (exitCode, arguments, expected) in new (int, string[], string)[]
        {
            (70, ["rollback", "--model", "llm"], "no kept version that was active before"),
            (70, ["activate", "--model", "llm", "--version", "llm-2020-01-31-0123456789ab"], $"kept are {bucket.Versions[0]} (active)"),
            (64, ["activate", "--model", "llm"], "--version"),
            (64, ["rollback"], "--model"),
            (64, ["pin", "--model", "nope", "--version", bucket.Versions[0]], "No model named 'nope'"),
            (64, ["unlock", "--model", "nope"], "No model named 'nope'"),
            (64, ["prune", "--model", "nope"], "No model named 'nope'"),
            (64, ["env", "--model", "nope"], "No model named 'nope'"),
        })
        {
            var result = await bucket.RunAsync(exitCode, arguments);
            result.Output.Should().BeEmpty();
            result.Error.Should().Contain("model-cache: ").And.Contain(expected).And.NotContain("   at ");
        }

        (await bucket.Bucket.ListAsync()).Should().BeEquivalentTo(before, "nothing was changed, and no lease was taken");
    }

    [Fact]
    public async Task Env_PrintsWhatAShellNeeds()
    {
        await using var bucket = await OperatedBucket.StartAsync();
        await bucket.PublishAsync(1);

        var env = await bucket.RunAsync(0, "env");

        var shell = await Tool.RunAsync("sh", ["-c", env.Output + "\necho \"$OLLAMA_MODELS $OLLAMA_NOPRUNE\""]);
        shell.Output.Trim().Should().Be($"{Path.Join(bucket.Bucket.Folder, "ollama", bucket.Versions[0])} 1");
        Directory.Exists(shell.Output.Split(' ')[0]).Should().BeTrue();

        var second = bucket.Copy().WithModel("other", "ollama", "dir://" + bucket.Deployment.Source(OperatedBucket.Model));
        (await second.RunCommandAsync("sync", "--model", "other")).ExitCode.Should().Be(0);
        var both = await second.RunCommandAsync("env");
        both.ExitCode.Should().Be(64, both.Error);
        both.Output.Should().BeEmpty();
        both.Error.Should().Contain("'llm' and 'other'").And.Contain("--model");
        (await second.RunCommandAsync("env", "--model", "other")).Output.Should().Contain("/ollama/other-");
        (await second.RunCommandAsync("env", "--json")).Json.GetProperty("models").GetArrayLength().Should().Be(2);
    }

    private static async Task<string> SyncAsync(OperatedBucket bucket) =>
        (await bucket.RunAsync(0, "sync", "--json")).Json.GetProperty("models")[0].GetProperty("action").GetString()!;
}
