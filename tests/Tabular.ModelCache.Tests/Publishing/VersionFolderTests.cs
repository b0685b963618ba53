using System.Text;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class VersionFolderTests
{
    private const string Path = "ollama/demo-2026-01-02-444444444444";
    private static readonly string Digest = new('4', 64);

    private readonly InMemoryObjectStore _inner = new();
    private readonly FaultInjectingObjectStore _store;
    private readonly StagingArea _area = new("demo", new Attempt(1, "a"));
    private readonly VersionFolder _folder;
    private int _asked;

    public VersionFolderTests()
    {
        _store = new FaultInjectingObjectStore(_inner);
        _folder = new VersionFolder(_store, Path);
    }

    [Fact]
    public async Task Promote_StagedFiles_MovesTheLastOneLast()
    {
        var files = new[] { await StageAsync("a"), await StageAsync("b"), await StageAsync("c") };

        await _folder.PromoteAsync(_area, files, NoteAsked, default);

        var moves = _store.GetSnapshot().Where(o => o.Kind == StoreOperationKind.Move).ToList();
        moves.Should().HaveCount(3);
        moves[^1].DestinationName.Should().Be($"{Path}/c");
        (await _folder.ListAsync(default)).Keys.Should().BeEquivalentTo("a", "b", "c");
        _asked.Should().Be(3, "the lease is asked for before each change");
        await _folder.Invoking(f => f.PromoteAsync(_area, [], NoteAsked, default)).Should().NotThrowAsync();
    }

    [Fact]
    public async Task Promote_MovedAlready_IsDone()
    {
        var staged = await StageAsync("a");
        await _folder.PromoteAsync(_area, [staged], NoteAsked, default);

        await _folder.PromoteAsync(_area, [staged], NoteAsked, default);
        await _folder.PromoteAsync(_area, [staged with { Generation = 0 }], NoteAsked, default);

        _store.GetSnapshot().Count(o => o.Kind == StoreOperationKind.Move).Should().Be(2, "what was not staged is not moved");
    }

    [Theory]
    [InlineData("")]
    [InlineData("B")]
    public async Task Promote_OtherBytesAreThere_SaysWhichAndWhatIsExpected(string content)
    {
        var staged = await StageAsync("a", "b");
        await WriteAsync($"{Path}/a", content);

        (await _folder.Invoking(f => f.PromoteAsync(_area, [staged], NoteAsked, default)).Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"*{Path}/a could not be promoted: expected 1 bytes with crc32c *, found {content.Length} bytes with crc32c *");
    }

    [Fact]
    public async Task Promote_StagedFileIsGone_SaysNothingIsThere()
    {
        var staged = await StageAsync("a");
        await _inner.DeleteAsync(_area.File("a"));

        (await _folder.Invoking(f => f.PromoteAsync(_area, [staged], NoteAsked, default)).Should().ThrowAsync<ModelCacheException>())
            .WithMessage("*found nothing; run the sync again.");
    }

    [Fact]
    public async Task Promote_StoreForbidsIt_Throws()
    {
        var staged = await StageAsync("a");
        _store.Inject = o => o.Kind == StoreOperationKind.Move ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;

        await _folder.Invoking(f => f.PromoteAsync(_area, [staged], NoteAsked, default)).Should().ThrowAsync<ObjectStoreException>();
    }

    [Fact]
    public async Task Finish_AllFilesThere_WritesTheMarkersDoneLast()
    {
        var file = await FileAsync("a");

        var all = await FinishAsync([file], null);

        _store.GetSnapshot().Where(o => o.IsMutation).Select(o => o.Name).Should().Equal($"{Path}/SHA256SUMS", $"{Path}/.done");
        all.Select(f => f.Path).Should().Equal("a", "SHA256SUMS", ".done");
        all.Should().AllSatisfy(f => f.Generation.Should().BePositive());
        all[1].Sha256.Should().Be(Digest);
        all[2].Sha256.Should().Be(Sha256Hex.Of(Encoding.ASCII.GetBytes(Digest + "\n")));
        (await _folder.IsDoneAsync(Digest, default)).Should().BeTrue();
        (await _folder.IsDoneAsync(new string('5', 64), default)).Should().BeFalse();
        (await new VersionFolder(_store, "x").IsDoneAsync(Digest, default)).Should().BeFalse();
        _asked.Should().Be(3);
    }

    [Fact]
    public async Task Finish_Signed_ListsTheSignatureToo() =>
        (await FinishAsync([await FileAsync("a")], new ManifestFile { Path = "model.sig" })).Select(f => f.Path).Should().Equal("a", "SHA256SUMS", ".done", "model.sig");

    [Theory]
    [InlineData("b", 0, "'b' is missing")]
    [InlineData("a", 1, "'a' has 1 bytes and crc32c * expected are 2 and *")]
    public async Task Finish_FileIsMissingOrDifferent_WritesNoDone(string path, int more, string problem)
    {
        var file = await FileAsync("a");

        var finish = () => FinishAsync([file with { Path = path, Size = file.Size + more }], null);

        (await finish.Should().ThrowAsync<ModelCacheException>()).WithMessage($"*is not complete after promoting: {problem}; run the sync again.");
        (await _inner.GetAsync($"{Path}/.done")).Should().BeNull();
    }

    [Fact]
    public async Task FindDifference_SameSizeAndOtherChecksum_IsOne()
    {
        var file = await FileAsync("a");
        var found = await _folder.ListAsync(default);

        VersionFolder.FindDifference([file, new ManifestFile { Path = ".done" }], found).Should().BeNull("markers are no payload");
        VersionFolder.FindDifference([file with { Crc32C = file.Crc32C + 1 }], found).Should().StartWith("'a' has 1 bytes and crc32c ");
    }

    [Fact]
    public async Task Delete_FinishedFolder_TakesDoneFirstAndEachInItsGeneration()
    {
        await FinishAsync([await FileAsync("a")], null);
        var doomed = 0;
        var before = _store.GetSnapshot().Count;

        (await _folder.DeleteAsync(Doomed, NoteAsked, default)).Should().BeFalse();
        (await _folder.DeleteAsync(Doomed, NoteAsked, default)).Should().BeTrue("it is empty now");

        doomed.Should().Be(1, "an empty folder needs no leave");
        _store.GetSnapshot().Skip(before).Where(o => o.IsMutation).Select(o => o.Name).Should().HaveCount(3).And.StartWith([$"{Path}/.done"]);

        Task Doomed()
        {
            doomed++;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Delete_NoLongerDoomed_DeletesNothing()
    {
        await FileAsync("a");

        await _folder.Invoking(f => f.DeleteAsync(() => throw new ModelCacheException("lost"), NoteAsked, default)).Should().ThrowAsync<ModelCacheException>();

        (await _folder.ListAsync(default)).Should().HaveCount(1);
    }

    [Fact]
    public async Task Delete_ReplacedSinceTheListing_IsLeftAlone()
    {
        await FileAsync("a");
        var listed = (await _folder.ListAsync(default)).Values;
        await WriteAsync($"{Path}/a", "new");

        await VersionFolder.DeleteAsync(_store, listed, NoteAsked, default);
        (await _folder.ListAsync(default)).Should().HaveCount(1);

        await _inner.DeleteAsync($"{Path}/a");
        await VersionFolder.DeleteAsync(_store, listed, NoteAsked, default);
        _store.Inject = o => o.Kind == StoreOperationKind.Delete ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;
        await _store.Invoking(s => VersionFolder.DeleteAsync(s, listed, NoteAsked, default)).Should().ThrowAsync<ObjectStoreException>();
    }

    private void NoteAsked() => _asked++;

    private Task<IReadOnlyList<ManifestFile>> FinishAsync(IReadOnlyList<ManifestFile> files, ManifestFile? signature) =>
        _folder.FinishAsync(files, Encoding.UTF8.GetBytes("sums"), Digest, _ => Task.FromResult(signature), NoteAsked, default);

    private Task<ManifestFile> StageAsync(string path, string content = "x") => WriteAsync(_area.File(path), content, path);

    private Task<ManifestFile> FileAsync(string path) => WriteAsync($"{Path}/{path}", "x", path);

    private async Task<ManifestFile> WriteAsync(string name, string content, string path = "")
    {
        var item = await _inner.WriteBytesAsync(name, Encoding.UTF8.GetBytes(content), new ObjectWriteOptions(), default);
        return new ManifestFile { Path = path, Size = item.Size, Crc32C = item.Crc32C, Generation = item.Generation };
    }
}
