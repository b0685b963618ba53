namespace Tabular.ModelCache.EndToEnd.Tests.Audit;

/// <summary>The CPU-only audit in the build of an app that has the package.</summary>
[Collection(Alone.Name)]
public sealed class AuditBuildTests(AuditedApp app) : IClassFixture<AuditedApp>
{
    private const string TaskRan = "Task \"AuditRequirements\"";
    private const string TaskSkipped = "Skipping target \"AuditModelCacheRequirements\" because all output files are up-to-date";

    [Fact]
    public async Task Build_RequirementsThroughTheirLife_AreAuditedOncePerChange()
    {
        app.Write("requirements.txt", "# the sidecar\n  -r ml.txt\n");
        app.Write("ml.txt", "numpy\n  torch\n");

        var unused = await app.BuildAsync("-p:Audited=false");
        unused.ExitCode.Should().Be(0, unused.Output);
        unused.Output.Should().NotContain(TaskRan);
        app.Traces().Should().BeEmpty("the item is not used");

        var bad = await app.BuildAsync();
        bad.ExitCode.Should().NotBe(0);
        bad.Output.Should().Contain($"{app.PathOf("ml.txt")}(2,3): error MC1006: torch is not proven to be the CPU build. Write torch==VERSION+cpu");

        app.Write("ml.txt", "numpy\ntensorflow\ntorch==2.4.0+cpu\n");
        var good = await app.BuildAsync();
        good.ExitCode.Should().Be(0, good.Output);
        good.Output.Should().Contain(TaskRan).And.Contain($"{app.PathOf("ml.txt")}(2,1): warning MC2007: ");

        var again = await app.BuildAsync();
        again.ExitCode.Should().Be(0, again.Output);
        again.Output.Should().NotContain(TaskRan).And.Contain(TaskSkipped);

        app.Write("ml.txt", "triton\n");
        var edited = await app.BuildAsync();
        edited.ExitCode.Should().NotBe(0);
        edited.Output.Should().Contain($"{app.PathOf("ml.txt")}(1,1): error MC1001: triton is a package for GPUs.");
    }
}
