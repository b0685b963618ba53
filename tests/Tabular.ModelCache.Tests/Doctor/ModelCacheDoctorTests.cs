using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Doctor.Checks;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Tests.Doctor;

public sealed class ModelCacheDoctorTests
{
    public static TheoryData<string> Faults => [.. SeededFaults.All.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Run_OneFault_IsTheOnlyFinding(string name)
    {
        var fault = SeededFaults.All[name];
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        await fault.Seed(harness);

        var report = await harness.DiagnoseAsync();

        var found = string.Join("\n", report.Findings);
        report.Findings.Should().ContainSingle(f => f.Id == fault.Id, found)
            .Which.Should().Match<Finding>(f => f.Severity == fault.Severity && f.Evidence.Contains(fault.Evidence), found);
        report.Findings.Where(f => f.Id != fault.Id).Select(f => f.Id).Should().BeSubsetOf(fault.Follows, found);
        report.Findings.Should().OnlyContain(f => f.Fix.Length > 0 && !f.Evidence.Contains('\n') && !f.Fix.Contains('\n'));
        report.ExitCode.Should().Be(report.Findings.Any(f => f.Severity == FindingSeverity.Error) ? 70 : 0);
    }

    [Fact]
    public async Task Run_HealthyBucketAndMount_FindsNothingAndSaysWhatItCouldNotSee()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        harness.Variables["SENTENCE_TRANSFORMERS_HOME"] = $"{harness.Folder}/sbert";
        harness.Variables["HF_HUB_OFFLINE"] = "1";
        harness.Variables["OLLAMA_MODELS"] = $"{harness.Folder}/{harness.ActivePath}";
        harness.Variables["OLLAMA_NOPRUNE"] = "true";

        var report = await harness.DiagnoseAsync();

        report.Findings.Should().BeEmpty();
        report.Notes.Select(n => n.Check).Should().BeEquivalentTo("mount-options", "speed");
    }

    [Fact]
    public async Task Run_DamagedVersionWasHealed_FindsNothing()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        await harness.Store.DeleteAsync($"{harness.ActivePath}/.done");
        using (var host = harness.Build())
        {
            var sync = await host.Services.GetRequiredService<IModelCacheOperations>().SyncAsync("demo", cancellationToken: TestContext.Current.CancellationToken);
            sync.Models.Should().ContainSingle().Which.Action.Should().Be(SyncAction.Healed);
        }

        (await harness.ReadManifestAsync()).Models["demo"].Versions.Should().HaveCount(2, "the damaged one has its grace period");
        (await harness.DiagnoseAsync()).Findings.Should().BeEmpty();
    }

    [Fact]
    public async Task Run_HealthyWithVisibleFlags_FindsNothing()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        harness.CommandLines = [["bash"], ["/usr/bin/gcsfuse", "--implicit-dirs", "--metadata-cache-ttl-secs=60", "-o", "ro", "models", harness.Folder]];

        var report = await harness.DiagnoseAsync();

        report.Findings.Should().BeEmpty();
        report.Notes.Select(n => n.Check).Should().BeEquivalentTo("speed");
    }

    [Fact]
    public async Task Run_HealthyPrivateDirectory_FindsNothing()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: false);

        (await harness.DiagnoseAsync()).Findings.Should().BeEmpty();
    }

    [Fact]
    public async Task Run_PrivateDirectoryReadOnly_SaysThatAPullWouldFail()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: false);
        harness.Mount(harness.Folder, "/dev/sdb", "ext4");

        var finding = (await harness.DiagnoseAsync()).Findings.Should().ContainSingle().Which;

        finding.Id.Should().Be("mount-read-only");
        finding.Severity.Should().Be(FindingSeverity.Warning);
        finding.Evidence.Should().Contain("mounted read only");
    }

    [Fact]
    public async Task Run_MountBehindForLongerThanTheStartWaits_IsAnError()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        await SeededFaults.All["mount behind"].Seed(harness);
        harness.Clock.Skew = TimeSpan.FromSeconds(50);
        harness.Settings["ModelCache:Mount:LagTimeout"] = "00:00:30";

        var finding = (await harness.DiagnoseAsync()).Findings.Should().ContainSingle().Which;

        finding.Id.Should().Be("mount-stale");
        finding.Severity.Should().Be(FindingSeverity.Error);
    }

    [Fact]
    public async Task Run_RegionUnknown_SaysSoAndFindsNothing()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        harness.Region = null;

        var report = await harness.DiagnoseAsync();

        report.Findings.Should().BeEmpty();
        report.Notes.Should().Contain(n => n.Check == "region" && n.Text.Contains("GOOGLE_CLOUD_REGION"));
    }

    [Fact]
    public async Task Run_SourceNamedOtherwiseButSameManifest_OnlyNotesIt()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        harness.Mount(harness.Folder, "volume-1");

        var report = await harness.DiagnoseAsync();

        report.Findings.Should().BeEmpty();
        report.Notes.Should().Contain(n => n.Check == "mount-source" && n.Text.Contains("'volume-1'"));
    }

    [Fact]
    public async Task Run_ChangesNothing()
    {
        await using var harness = await DoctorHarness.CreateAsync(shared: true);
        var before = await Generations(harness);

        await harness.DiagnoseAsync();

        (await Generations(harness)).Should().Equal(before);
    }

    [Fact]
    public async Task RunCheck_ThatHangs_IsToldAsNotRunAfterItsDeadline()
    {
        var clock = new FakeTimeProvider();
        var started = new TaskCompletionSource();
        var running = New(clock).RunAsync(
            new StubCheck(async () =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
            }),
            null!,
            default);
        await started.Task;

        clock.Advance(TimeSpan.FromSeconds(10));

        var finding = (await running).Take().Findings.Should().ContainSingle().Which;
        finding.Id.Should().Be("check-not-run");
        finding.Evidence.Should().Be("the check 'stub' did not end within 10 s");
    }

    [Fact]
    public async Task RunMountCheck_MountThatHangs_IsUnusableAfterItsDeadline()
    {
        var clock = new FakeTimeProvider();
        var options = new ModelCacheOptions { MountPath = "/models", SharedVolumeEnabled = true };
        options.Mount.AcceptedTypes.Add("*");
        var context = new DoctorContext(
            Options.Create(options),
            new SettingPath("ModelCache"),
            new PathBase(),
            new ModelCachePlaces(null, null),
            new HangingMount(),
            new MountTable(() => null),
            new DoctorSurroundings(_ => null, () => null, () => [], _ => Task.FromResult<string?>(null)),
            new ModelCacheClock(clock, new Random(1)),
            default);
        var findings = new DoctorFindings("mount");
        var running = new MountCheck().RunAsync(context, findings, default);

        clock.Advance(TimeSpan.FromSeconds(15));
        await running;

        var finding = findings.Take().Findings.Should().ContainSingle().Which;
        finding.Id.Should().Be("mount-unusable");
        finding.Evidence.Should().Contain("the mount /models hangs").And.Contain("no answer within 15 s");
    }

    [Fact]
    public async Task RunCheck_ThatThrows_IsToldAsNotRun()
    {
        var findings = await New(new FakeTimeProvider()).RunAsync(new StubCheck(() => throw new InvalidOperationException("broken")), null!, default);

        findings.Take().Findings.Should().ContainSingle().Which.Evidence.Should().Be("the check 'stub' failed: broken");
    }

    [Fact]
    public void Docs_EveryFinding_IsInTheTable()
    {
        var ids = SeededFaults.All.Values.Select(f => f.Id).Append("check-not-run").Distinct();
        var table = File.ReadLines(Repository.PathOf("docs/doctor.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('`')[1]);

        table.Distinct().Should().BeEquivalentTo(ids);
    }

    private static async Task<List<string>> Generations(DoctorHarness harness)
    {
        var all = new List<string>();
        await foreach (var item in harness.Store.ListAsync(""))
        {
            all.Add($"{item.Name} {item.Generation} {item.Metageneration}");
        }

        all.Should().Contain(i => i.StartsWith(VersionFiles.Manifest, StringComparison.Ordinal));
        return all;
    }

    private static ModelCacheDoctor New(TimeProvider clock) =>
        new(Options.Create(new ModelCacheOptions()), _ => null!, new ModelCacheClock(clock, new Random(1)));

    private sealed class StubCheck(Func<Task> run) : IDoctorCheck
    {
        public string Name => "stub";

        public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(10);

        public Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken) => run();
    }
}
