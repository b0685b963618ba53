namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>Where an operator, or a job's alert, finds why a sync has failed.</summary>
public sealed class FailureLineTests
{
    [Fact]
    public async Task Sync_NoSuchModel_SaysSoInTheLastLineOfStandardError()
    {
        var fault = FaultCase.All["404"];
        await using var run = await FaultRun.RunAsync(fault);

        run.Result.ExitCode.Should().Be(70);
        run.Result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Should().ContainAll(fault.Messages);
    }
}
