using System.Globalization;
using System.Text;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.Directories;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>
/// Takes a picture of the disk between any two steps of a change, which is what a kill there leaves, and looks at it with new eyes.
/// </summary>
public sealed class DirectoryObjectStoreCrashTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _pictures = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Root => _directory.Join("root");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("create", 4)]
    [InlineData("replace", 4)]
    [InlineData("replace with a foreign file in place", 4)]
    [InlineData("patch", 2)]
    [InlineData("patch a foreign file", 2)]
    [InlineData("move", 9)]
    [InlineData("move onto", 9)]
    [InlineData("move a foreign file", 9)]
    [InlineData("copy onto", 4)]
    [InlineData("delete", 3)]
    public async Task Kill_BetweenAnyTwoSteps_LeavesTheOldOrTheNewState(string change, int atLeast)
    {
        await PrepareAsync(Open(Root));
        var before = await DescribeAsync(Root);

        await ChangeAsync(Open(Root, step: TakePicture), change);

        var after = await DescribeAsync(Root);
        after.Should().NotBe(before);
        _pictures.Should().HaveCountGreaterThanOrEqualTo(atLeast);
        var states = new List<string>();
        foreach (var picture in _pictures)
        {
            states.Add(await DescribeAsync(picture));
            await GoOnAsync(picture);
        }

        states.Should().OnlyContain(state => state == before || state == after);
        states.SkipWhile(state => state == before).Should().OnlyContain(state => state == after, "a change happens once");
        (await DescribeAsync(Root)).Should().Be(after);
    }

    private static Task ChangeAsync(DirectoryObjectStore store, string change) => change switch
    {
        "create" => WriteAsync(store, "new/folder/file", "new", "n"),
        "replace" => WriteAsync(store, "a/known", "same!", "replaced"),
        "replace with a foreign file in place" => WriteAsync(store, "a/foreign", "fore!gn", "replaced"),
        "patch" => store.PatchMetadataAsync("a/known", new Dictionary<string, string?> { ["tag"] = "patched" }, default, Token),
        "patch a foreign file" => store.PatchMetadataAsync("a/foreign", new Dictionary<string, string?> { ["tag"] = "patched" }, default, Token),
        "move" => store.MoveAsync("a/known", "new/folder/file", null, Token),
        "move onto" => store.MoveAsync("a/known", "b/target", null, Token),
        "move a foreign file" => store.MoveAsync("a/foreign", "b/target", null, Token),
        "copy onto" => store.CopyAsync("a/known", "b/target", null, Token),
        "delete" => store.DeleteAsync("b/target", null, Token),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    private static Task<StoredObject> WriteAsync(DirectoryObjectStore store, string name, string content, string tag) =>
        store.WriteAsync(name, new MemoryStream(Encoding.UTF8.GetBytes(content)), new() { Metadata = new Dictionary<string, string> { ["tag"] = tag } }, Token);

    private static DirectoryObjectStore Open(string root, Action<string>? step = null) => new(
        root,
        TimeProvider.System,
        new Random(1),
        new DirectoryObjectStoreOptions { FlushToDisk = false, OnStep = step });

    private static async Task<string> DescribeAsync(string root)
    {
        var store = Open(root);
        var text = new StringBuilder();
        await foreach (var item in store.ListAsync(string.Empty, Token))
        {
            await using var content = await store.OpenReadAsync(item.Name, null, Token);
            content!.Metadata.Should().BeEquivalentTo(item);
            text.AppendLine(CultureInfo.InvariantCulture, $"{item.Name} {item.Generation} {item.Metageneration} {item.Crc32C:x8} [{string.Join(',', item.Metadata)}] {await new StreamReader(content.Stream).ReadToEndAsync(Token)}");
        }

        return text.ToString();
    }

    // After a crash the next process changes every object under the condition of what it reads there, and nothing of the crash is left.
    private static async Task GoOnAsync(string root)
    {
        var copy = root + ".goes-on";
        CopyTree(root, copy);
        var store = Open(copy);
        foreach (var name in new[] { "a/known", "a/foreign", "b/target", "new/folder/file" })
        {
            var live = await store.GetAsync(name, default, Token);
            var condition = live is null ? ObjectPreconditions.MustNotExist : ObjectPreconditions.Matches(live);
            var written = await store.WriteAsync(
                name,
                new MemoryStream([1, 2, 3]),
                new() { Preconditions = condition, Metadata = new Dictionary<string, string> { ["went"] = "on" } },
                Token);
            written.Generation.Should().BeGreaterThan(live?.Generation ?? 0);
            (await Open(copy).GetAsync(name, default, Token)).Should().BeEquivalentTo(written);
        }

        Directory.GetFiles(Path.Join(copy, ".store", "objects"), "*.next", SearchOption.AllDirectories).Should().BeEmpty();
    }

    private static void CopyTree(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Join(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.GetFiles(from, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            var target = Path.Join(to, Path.GetRelativePath(from, file));
            File.WriteAllBytes(target, ReadShared(file));
            File.SetLastWriteTimeUtc(target, File.GetLastWriteTimeUtc(file));
        }
    }

    // Lock files are held while the picture is taken; a copy of them is as empty of a holder as after a kill.
    private static byte[] ReadShared(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (IOException) when (file.Contains("locks", StringComparison.Ordinal))
        {
            return [];
        }
    }

    private async Task PrepareAsync(DirectoryObjectStore store)
    {
        await WriteAsync(store, "a/known", "known", "k");
        await WriteAsync(store, "b/target", "older", "t");
        await File.WriteAllTextAsync(Path.Join(Root, "a", "foreign"), "foreign", Token);

        // Of the same size and time as the target: only a new time tells them apart while one replaces the other.
        var twin = Path.Join(Root, "a", "foreign");
        File.SetLastWriteTimeUtc(twin, File.GetLastWriteTimeUtc(Path.Join(Root, "b", "target")));
    }

    private void TakePicture(string step)
    {
        var picture = _directory.Join($"picture-{_pictures.Count:d2}");
        CopyTree(Root, picture);
        _pictures.Add(picture);
    }
}
