using System.Globalization;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>What registries and the proxies before them do wrong: a sync goes on after what passes, and ends with one line for the rest.</summary>
public sealed class FaultTests(FaultFixture faults) : IClassFixture<FaultFixture>
{
    private const int Failed = 70;

    public static TheoryData<string> Names => [.. FaultCase.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sync_FaultOfTheRegistry_RetriesOrSaysSoAndPublishesNothing(string name)
    {
        var fault = FaultCase.All[name];
        var run = faults.Find(name);
        var sync = run.Result;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {run.Elapsed.TotalSeconds:0.0} s, asked {run.Hits} times\n{sync.Output}"));
        if (fault.Messages.Length == 0)
        {
            sync.ExitCode.Should().Be(0, sync.Output + sync.Error);
            run.Hits.Should().Be(fault.Times + 1, "what passes is asked again until it has passed");
            (await run.Bucket.ReadManifestAsync()).Files.Should().NotBeEmpty().And.AllSatisfy(f => f.ShouldBeShownBy(run.Bucket.Folder));
            return;
        }

        run.Hits.Should().Be(fault.Tries, "only what may pass is asked again");
        sync.ExitCode.Should().Be(Failed, sync.Output + sync.Error);
        sync.Output.Split('\n').Where(l => l.StartsWith($"{FaultRun.Model}: failed: ", StringComparison.Ordinal))
            .Should().ContainSingle(sync.Output)
            .Which.Should().ContainAll(fault.Messages);
        sync.Error.Should().NotContain("   at ", "a stack trace is nothing for an operator");
        var objects = await run.Bucket.ListAsync();
        objects.Keys.Should().OnlyContain(n => n.StartsWith(".locks/", StringComparison.Ordinal) || n.StartsWith(".tmp/", StringComparison.Ordinal));
    }
}
