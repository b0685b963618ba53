using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Commands;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Requirements;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Commands;

public sealed class ModelCacheCommandTests : IAsyncDisposable
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"));
    private readonly TestCache _cache;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public ModelCacheCommandTests() => _cache = new TestCache(_store, _source, builder =>
    {
        // Of this machine nothing is judged.
        builder.Services.AddSingleton(new MountTable(() => null));
        builder.Services.AddSingleton(new DoctorSurroundings(_ => null, () => null, () => [], _ => Task.FromResult<string?>(null)));
    });

    [Fact]
    public async Task Sync_NewThenUnchanged_ReportsBoth()
    {
        (await RunAsync("sync", "--json")).Should().Be(0);
        Json().GetProperty("models")[0].GetProperty("action").GetString().Should().Be("published");
        Json().GetProperty("models")[0].GetProperty("bytesPulled").GetInt64().Should().Be(7);

        (await RunAsync("sync", "--json")).Should().Be(0);
        Json().GetProperty("models")[0].GetProperty("action").GetString().Should().Be("unchanged");
        Json().GetProperty("models")[0].GetProperty("bytesPulled").GetInt64().Should().Be(0);
    }

    [Fact]
    public async Task Sync_LeaseHeldByAnother_Exits75()
    {
        await using var lease = await _cache.AcquireAsync();

        (await RunAsync("sync", "--wait", "0")).Should().Be(75);

        _output.ToString().Should().Contain("demo: busy").And.Contain("try again later");
    }

    [Fact]
    public async Task Sync_FailingSource_Exits70AndNamesTheModel()
    {
        _source.Sent["blobs/a"] = [1];

        (await RunAsync("sync")).Should().Be(70);

        _output.ToString().Should().Contain("demo: failed: ").And.Contain("blobs/a");
    }

    [Fact]
    public async Task Verify_DamagedVersion_Exits70AndSaysWhat()
    {
        await RunAsync("sync");
        (await RunAsync("verify", "--level", "Content", "--json")).Should().Be(0);
        var path = (await _cache.ReadManifestAsync()).Entry("demo")!.ActiveVersion!.Path;
        await _store.WriteAsync($"{path}/blobs/a", new MemoryStream("cOntent"u8.ToArray()));

        (await RunAsync("verify", "--level", "Content")).Should().Be(70);

        _output.ToString().Should().Contain("FAILED").And.Contain("blobs/a");
    }

    [Fact]
    public async Task Status_AfterSync_ShowsVersionsAndLease()
    {
        await RunAsync("sync");

        (await RunAsync("status", "--json")).Should().Be(0);

        var model = Json().GetProperty("models")[0];
        model.GetProperty("versions")[0].GetProperty("active").GetBoolean().Should().BeTrue();
        model.GetProperty("lease").GetProperty("state").GetString().Should().Be("released");
        model.GetProperty("leftovers").GetInt32().Should().Be(0);
        (await RunAsync("status")).Should().Be(0);
        _output.ToString().Should().Contain("active");
    }

    [Theory]
    [InlineData("sink")]
    [InlineData("sync", "--wait", "-1")]
    [InlineData("verify", "--level", "Everything")]
    [InlineData("status", "--nope")]
    [InlineData("rollback")]
    [InlineData("activate", "--model", "demo")]
    [InlineData("pin", "--version", "demo-2026-01-01")]
    [InlineData("prune", "--dry-run", "perhaps")]
    [InlineData("unlock", "--force")]
    public async Task Run_BadCommandLine_Exits64WithoutTouchingAnything(params string[] args)
    {
        (await RunAsync(args)).Should().Be(64);

        _error.ToString().Should().StartWith("model-cache: ");
        _source.Resolves.Should().Be(0);
    }

    [Fact]
    public async Task Run_UnknownModel_Exits64AndListsTheKnown()
    {
        (await RunAsync("sync", "--model", "nope")).Should().Be(64);

        _error.ToString().Should().Contain("'nope'").And.Contain("demo");
    }

    [Fact]
    public async Task Doctor_NothingPublished_WarnsInTextAndJson()
    {
        (await RunAsync("doctor")).Should().Be(0);
        _output.ToString().Should().Contain("warning  missing-manifest").And.Contain("  fix:   run model-cache sync").And.Contain("0 errors, 1 warnings");

        (await RunAsync("doctor", "--json")).Should().Be(0);
        var finding = Json().GetProperty("findings")[0];
        finding.GetProperty("id").GetString().Should().Be("missing-manifest");
        finding.GetProperty("severity").GetString().Should().Be("warning");
        finding.GetProperty("evidence").GetString().Should().Contain("nothing was published");
        finding.GetProperty("fix").GetString().Should().Be("run model-cache sync");
    }

    [Fact]
    public async Task Doctor_Published_FindsNothing()
    {
        await RunAsync("sync");

        (await RunAsync("doctor", "--json")).Should().Be(0);

        Json().GetProperty("findings").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Run_Help_ListsTheCommands()
    {
        (await RunAsync("--help")).Should().Be(0);

        _output.ToString().Should().ContainAll(
            "status", "sync", "verify", "env", "doctor", "prune", "unlock", "rollback", "activate", "pin", "unpin", "audit-requirements");
    }

    [Theory]
    [InlineData("sync", "--wait")]
    [InlineData("rollback", "--reason")]
    [InlineData("activate", "holds nothing back any more")]
    [InlineData("prune", "--dry-run")]
    [InlineData("unlock", "--force")]
    [InlineData("env", "--model")]
    [InlineData("pin", "never pruned")]
    [InlineData("audit-requirements", "--python-version")]
    public async Task Run_HelpOfACommand_ExplainsItsOptions(string command, string expected)
    {
        (await RunAsync(command, "--help")).Should().Be(0);

        _output.ToString().Should().Contain("Usage:").And.Contain(expected).And.Contain("--json");
    }

    [Fact]
    public async Task Operator_RollbackPinPruneActivate_TellWhatTheyDid()
    {
        await RunAsync("sync");
        var first = (await _cache.ReadManifestAsync()).Entry("demo")!.Active!;
        _source.Set(("blobs/a", "other content"));
        await RunAsync("sync");
        var second = (await _cache.ReadManifestAsync()).Entry("demo")!.Active!;

        (await RunAsync("rollback", "--model", "demo", "--reason", "worse")).Should().Be(0);
        _output.ToString().Should().StartWith($"demo: active is {first}, it was {second}\n").And.Contain("held back: sha256:").And.Contain("because: worse");
        (await RunAsync("sync")).Should().Be(0);
        _output.ToString().Should().StartWith($"demo: held {first}, 0 B pulled");
        (await RunAsync("pin", "--model", "demo", "--version", second)).Should().Be(0);
        _output.ToString().Should().StartWith($"demo: pinned {second}\n");
        (await RunAsync("status")).Should().Be(0);
        _output.ToString().Should().MatchRegex($"{second} +pinned held ").And.MatchRegex($"{first} +active ").And.Contain(", unsigned");
        (await RunAsync("prune", "--dry-run")).Should().Be(0);
        _output.ToString().Should().StartWith("demo: nothing to remove\ntotal: 0 versions, 0 B");
        (await RunAsync("unpin", "--model", "demo", "--version", second, "--json")).Should().Be(0);
        Json().GetProperty("action").GetString().Should().Be("unpinned");
        (await RunAsync("activate", "--model", "demo", "--version", second)).Should().Be(0);
        _output.ToString().Should().StartWith($"demo: active is {second}, it was {first}\n").And.NotContain("held back");
        (await RunAsync("unlock", "--model", "demo")).Should().Be(0);
        _output.ToString().Should().StartWith("demo: nobody holds the lease");
        (await RunAsync("env")).Should().Be(0);
        _output.ToString().Should().Be($"export OLLAMA_MODELS='/models/ollama/{second}'\nexport OLLAMA_NOPRUNE='1'\n");
    }

    [Fact]
    public async Task Operator_LeaseHeldByAnother_Exits75()
    {
        await RunAsync("sync");
        await using var lease = await _cache.AcquireAsync();
        var version = (await _cache.ReadManifestAsync()).Entry("demo")!.Active!;

        (await RunAsync("pin", "--model", "demo", "--version", version, "--wait", "0")).Should().Be(75);
        _error.ToString().Should().Contain("try again later");
        (await RunAsync("prune", "--wait", "0")).Should().Be(75);
        _error.ToString().Should().StartWith("model-cache: demo: The lease of the model 'demo' was busy");
    }

    [Fact]
    public async Task AuditRequirements_Findings_AreToldAndDecideTheExitCode()
    {
        using var folder = new RequirementsFolder();
        folder.Write("good.txt", "tensorflow\n");
        folder.Write("bad.txt", "numpy\n triton; python_version < '3.10'\n");
        var (good, bad) = (folder.PathOf("good.txt"), folder.PathOf("bad.txt"));

        (await RunAsync("audit-requirements", good, bad)).Should().Be(0, "the marker excludes Python 3.11, and a warning is no error");
        _output.ToString().Should().StartWith($"{good}(1,1): warning MC2007: ").And.EndWith("0 errors, 1 warnings, 2 files\n");

        (await RunAsync("audit-requirements", bad, "--python-version", "3.9")).Should().Be(1);
        _output.ToString().Should().StartWith($"{bad}(2,2): error MC1001: triton is a package for GPUs.");

        (await RunAsync("audit-requirements", bad, "--python-version", "3.9", "--json")).Should().Be(1);
        Json().GetProperty("findings").EnumerateArray().Should().ContainSingle().Which.ToString().Should().ContainAll("MC1001", "\"error\"", "\"cure\"");
        Json().GetProperty("files")[0].GetString().Should().Be(bad);

        (await RunAsync("audit-requirements", folder.PathOf("none.txt"))).Should().Be(1);
        _output.ToString().Should().Contain("none.txt: error MC1009: ");
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("requirements.txt", "--python-version", "three")]
    public async Task AuditRequirements_WrongArguments_ExitsWithUsage(params string[] arguments)
    {
        (await RunAsync(["audit-requirements", .. arguments])).Should().Be(64);

        _error.ToString().Should().StartWith("model-cache: ");
    }

    public async ValueTask DisposeAsync() => await _cache.DisposeAsync();

    private async Task<int> RunAsync(params string[] args)
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        return await new ModelCacheCommand(
            _cache.Services.GetRequiredService<IModelCacheOperations>, _cache.Services.GetRequiredService<ModelCacheDoctor>, _output, _error, TimeProvider.System).RunAsync(args, default);
    }

    private JsonElement Json() => JsonDocument.Parse(_output.ToString()).RootElement;
}
