using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Doctor;

public sealed class DoctorSurroundingsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Region_OnCloudRun_IsTheLastPartOfTheAnswer()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.On("/computeMetadata/v1/instance/region", Answers.Body("projects/123/regions/europe-west1\n"u8.ToArray(), "application/text"));

        var region = await CloudRegion.ReadAsync(Variables(("K_SERVICE", "tabular"), ("GCE_METADATA_HOST", $"127.0.0.1:{server.Port}")), Token);

        region.Should().Be("europe-west1");
        server.Requests.Should().ContainSingle().Which.Headers["Metadata-Flavor"].Should().Be("Google");
    }

    [Fact]
    public async Task Region_MetadataServerFails_IsNotKnown()
    {
        await using var server = await ScriptedServer.StartAsync();

        (await CloudRegion.ReadAsync(Variables(("CLOUD_RUN_JOB", "sync"), ("GCE_METADATA_HOST", $"127.0.0.1:{server.Port}")), Token)).Should().BeNull();

        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Region_ElsewhereOrSaid_AsksNobody()
    {
        await using var server = await ScriptedServer.StartAsync();
        var host = ("GCE_METADATA_HOST", $"127.0.0.1:{server.Port}");

        (await CloudRegion.ReadAsync(Variables(host), Token)).Should().BeNull();
        (await CloudRegion.ReadAsync(Variables(host, ("K_SERVICE", "x"), (CloudRegion.Variable, "US-East1")), Token)).Should().Be("us-east1");

        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public void CommandLines_OfThisMachine_HaveThisProcess()
    {
        var own = Environment.GetCommandLineArgs();

        CommandLineTable.Read().Should().Contain(line => line.Count >= own.Length && line.TakeLast(own.Length - 1).SequenceEqual(own.Skip(1)));
    }

    [Fact]
    public void MemoryLimit_OfThisMachine_IsPlausibleOrNone()
    {
        (MemoryLimits.Read() ?? 1L << 40).Should().BeInRange(1L << 24, 1L << 60);
    }

    private static Func<string, string?> Variables(params (string Name, string Value)[] all) => all.ToDictionary(v => v.Name, v => v.Value).GetValueOrDefault;
}
