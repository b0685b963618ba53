using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Registry;

public sealed partial class HubRegistryTests
{
    private const string Id = "BAAI/bge-m3";

    private readonly IReadOnlyList<GeneratedFile> _files = HubModels.BgeM3(0.001);

    [Fact]
    public async Task Model_ByNameBranchAndCommit_HasTheCommitAndTheFiles()
    {
        await using var test = await RegistryTestServer.StartAsync();
        var commit = test.Server.AddHubRepository(Id, _files);

        foreach (var address in new[] { "", "/revision/main", "/revision/HEAD", $"/revision/{commit}" })
        {
            var model = (await test.SendAsync($"api/models/{Id}{address}")).Json;
            model["sha"]!.GetValue<string>().Should().Be(commit).And.MatchRegex("^[0-9a-f]{40}$");
            model["siblings"]!.AsArray().Select(s => s!["rfilename"]!.GetValue<string>()).Should().BeEquivalentTo(_files.Select(f => f.Path));
        }

        var blobs = (await test.SendAsync($"api/models/{Id}?blobs=true")).Json["siblings"]!.AsArray();
        blobs.Single(s => s!["rfilename"]!.GetValue<string>() == "pytorch_model.bin")!["lfs"]!["sha256"]!.GetValue<string>()
            .Should().Be(File("pytorch_model.bin").Sha256);
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(7, 5)]
    public async Task Tree_InPages_ListsEveryFileAndFolderOnce(int pageSize, int pages)
    {
        await using var test = await RegistryTestServer.StartAsync(new() { HubPageSize = pageSize });
        test.Server.AddHubRepository(Id, _files);
        var entries = new List<JsonNode>();
        var count = 0;
        for (var next = $"api/models/{Id}/tree/main?recursive=True&expand=False"; next is not null; count++)
        {
            var page = await test.SendAsync(next);
            page.Status.Should().Be(200);
            entries.AddRange(page.Json.AsArray()!);
            next = page["Link"] is { } link ? NextLink().Match(link).Groups[1].Value : null;
        }

        count.Should().Be(pages);
        entries.Where(Is("directory")).Select(PathOf).Should().BeEquivalentTo("1_Pooling", "imgs", "onnx");
        entries.Where(Is("file")).Select(PathOf).Should().BeEquivalentTo(_files.Select(file => file.Path));
        foreach (var entry in entries.Where(Is("file")))
        {
            var file = File(PathOf(entry));
            entry["size"]!.GetValue<long>().Should().Be(file.Size);
            (entry["lfs"]?["oid"]!.GetValue<string>() ?? entry["oid"]!.GetValue<string>()).Should().Be(file.IsLfs ? file.Sha256 : file.GitBlobSha1);
            entry["oid"]!.GetValue<string>().Should().MatchRegex("^[0-9a-f]{40}$").And.NotBe(file.IsLfs ? file.GitBlobSha1 : "");
        }
    }

    [Fact]
    public async Task Tree_OfOneFolder_ListsItsOwnEntriesOnly()
    {
        await using var test = await RegistryTestServer.StartAsync();
        test.Server.AddHubRepository(Id, _files);

        var root = (await test.SendAsync($"api/models/{Id}/tree/main?recursive=False")).Json.AsArray();
        var onnx = (await test.SendAsync($"api/models/{Id}/tree/main/onnx")).Json.AsArray();

        root.Select(e => PathOf(e!)).Should().Contain(["onnx", "config.json"]).And.NotContain("onnx/config.json");
        onnx.Select(e => PathOf(e!)).Should().BeEquivalentTo(_files.Select(f => f.Path).Where(p => p.StartsWith("onnx/", StringComparison.Ordinal)));
        (await test.SendAsync($"api/models/{Id}/tree/main/none"))["X-Error-Code"].Should().Be("EntryNotFound");
        (await test.SendAsync($"api/models/{Id}/tree/main?cursor=zzz")).Status.Should().Be(400);
    }

    [Fact]
    public async Task Resolve_SmallAndLargeFile_HasTheHeadersThatTellItsDigest()
    {
        await using var test = await RegistryTestServer.StartAsync();
        var commit = test.Server.AddHubRepository(Id, _files);
        var (small, large) = (File("1_Pooling/config.json"), File("pytorch_model.bin"));

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
        {
            var direct = await test.SendAsync($"{Id}/resolve/{commit}/{small.Path}", method);
            direct.Status.Should().Be(200);
            direct["ETag"].Should().Be($"\"{small.GitBlobSha1}\"");
            direct["X-Repo-Commit"].Should().Be(commit);
            direct["Content-Length"].Should().Be($"{small.Size}");

            var linked = await test.SendAsync($"{Id}/resolve/main/{large.Path}", method);
            linked.Status.Should().Be(302);
            linked["X-Linked-Etag"].Should().Be($"\"{large.Sha256}\"");
            linked["X-Linked-Size"].Should().Be($"{large.Size}");
            linked["X-Repo-Commit"].Should().Be(commit);
        }

        RegistryTestServer.Sha256((await test.FollowAsync($"{Id}/resolve/{commit}/{large.Path}")).Body).Should().Be(large.Sha256);
        (await test.FollowAsync($"{Id}/resolve/{commit}/{large.Path}", "bytes=10-19")).Body.Should().HaveCount(10);
    }

    [Fact]
    public async Task Revision_Moved_OldCommitStaysReadable()
    {
        await using var test = await RegistryTestServer.StartAsync();
        var first = test.Server.AddHubRepository(Id, _files);
        var second = test.Server.AddHubCommit(Id, HubModels.BgeM3(0.001, seed: 2));
        test.Server.MoveHubRevision(Id, "refs/pr/1", first);

        first.Should().NotBe(second);
        (await ShaAsync(test, "main")).Should().Be(second);
        (await ShaAsync(test, "refs%2Fpr%2F1")).Should().Be(first);
        (await test.SendAsync($"{Id}/resolve/{first}/pytorch_model.bin"))["X-Linked-Etag"].Should().Be($"\"{File("pytorch_model.bin").Sha256}\"");

        test.Server.MoveHubRevision(Id, "main", first);
        (await ShaAsync(test, "main")).Should().Be(first);
        FluentActions.Invoking(() => test.Server.MoveHubRevision(Id, "main", "none")).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("api/models/BAAI/none", null, 401, "RepoNotFound")]
    [InlineData("api/models/BAAI/none", "member", 404, "RepoNotFound")]
    [InlineData("api/models/BAAI/bge-m3/revision/none", null, 404, "RevisionNotFound")]
    [InlineData("BAAI/bge-m3/resolve/main/none", null, 404, "EntryNotFound")]
    [InlineData("BAAI/bge-m3/resolve/main/config.json", "forged", 401, null)]
    [InlineData("BAAI/bge-m3/resolve/main/config.json", "stranger", 200, null)]
    [InlineData("api/models/org/gated", null, 200, null)]
    [InlineData("org/gated/resolve/main/a", null, 401, "GatedRepo")]
    [InlineData("org/gated/resolve/main/a", "stranger", 403, "GatedRepo")]
    [InlineData("org/gated/resolve/main/a", "member", 200, null)]
    [InlineData("api/models/org/private", null, 401, "RepoNotFound")]
    [InlineData("api/models/org/private/tree/main", "stranger", 404, "RepoNotFound")]
    [InlineData("org/private/resolve/main/a", "stranger", 404, "RepoNotFound")]
    [InlineData("org/private/resolve/main/a", "member", 200, null)]
    public async Task Get_WithToken_IsAnsweredByAccess(string address, string? token, int status, string? code)
    {
        await using var test = await RegistryTestServer.StartAsync(new() { Tokens = ["member"], StrangerTokens = ["stranger"] });
        test.Server.AddHubRepository(Id, _files);
        test.Server.AddHubRepository("org/gated", [GeneratedFile.Text("a", "a")], HubAccess.Gated);
        test.Server.AddHubRepository("org/private", [GeneratedFile.Text("a", "a")], HubAccess.Private);

        var answer = await test.SendAsync(address, token: token);

        answer.Status.Should().Be(status);
        answer["X-Error-Code"].Should().Be(code);
        if (status >= 400)
        {
            answer.Json["error"]!.GetValue<string>().Should().Be(answer["X-Error-Message"]).And.NotBeEmpty();
        }
    }

    private static Func<JsonNode, bool> Is(string type) => entry => entry["type"]!.GetValue<string>() == type;

    private static string PathOf(JsonNode entry) => entry["path"]!.GetValue<string>();

    private static async Task<string> ShaAsync(RegistryTestServer test, string revision) =>
        (await test.SendAsync($"api/models/{Id}/revision/{revision}")).Json["sha"]!.GetValue<string>();

    [GeneratedRegex("^<([^>]+)>; rel=\"next\"$")]
    private static partial Regex NextLink();

    private GeneratedFile File(string path) => _files.Single(file => file.Path == path);
}
