using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Mounts;

public sealed class FileSystemMountTests : IDisposable
{
    private readonly FakeLogger<FileSystemMount> _log = new();
    private readonly string _root = Directory.CreateTempSubdirectory("model-mount-").FullName;

    [Fact]
    public async Task Check_SharedFolderOnAnotherType_SaysWhatWasExpectedAndFound()
    {
        var check = () => New(shared: true, "36 35 98:0 / / rw - ext4 /dev/root rw\n").CheckAsync(default);

        (await check.Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"ModelCache:MountPath is '{_root}', expected to be a mount of type fuse.gcsfuse, but nothing is mounted there (it lies on '/' of type ext4); mount the bucket there, *");
    }

    [Fact]
    public async Task Check_AcceptedType_Passes()
    {
        await New(shared: true, $"36 35 98:0 / / rw - ext4 /dev/root rw\n40 36 0:50 / {_root} ro - fuse.gcsfuse bucket ro\n", bucket: "bucket").CheckAsync(default);
        await New(shared: true, "36 35 98:0 / / rw - ext4 /dev/root rw\n", "*", bucket: "bucket").CheckAsync(default);
        await New(shared: false, "").CheckAsync(default);
    }

    [Theory]
    [InlineData("fuse.gcsfuse other", true)]
    [InlineData("fuse.gcsfuse bucket", false)]
    [InlineData("fuse.gcsfuse gcsfuse", false)]
    [InlineData("fuse.rclone remote:other/folder", true)]
    [InlineData("fuse.rclone remote:bucket/folder", false)]
    [InlineData("fuse.rclone remote", false)]
    [InlineData("fuse.s3fs s3fs", false)]
    public async Task Check_SourceOfTheMount_IsAWarningWhereItNamesAnotherBucket(string mounted, bool warns)
    {
        var mount = New(shared: true, $"40 36 0:50 / {_root} ro - {mounted} ro\n", "fuse.gcsfuse,fuse.rclone,fuse.s3fs", bucket: "bucket");

        await mount.CheckAsync(default);

        _log.Collector.GetSnapshot().Where(r => r.Id.Name == "MountOfAnotherBucket").Should().HaveCount(warns ? 1 : 0);
        if (warns)
        {
            _log.LatestRecord.Message.Should().Be(
                $"The mount may show another bucket: {_root} is a mount of '{mounted.Split(' ')[1]}', but ModelCache:Bucket is 'bucket'; " +
                "mount gs://bucket there, or set ModelCache:Bucket to the bucket that is mounted.");
        }
    }

    [Fact]
    public async Task Check_FolderNotThere_IsLookedForAWhile()
    {
        var missing = Path.Combine(_root, "missing");

        var check = () => New(shared: true, "", "*", missing, clock: new FastClock(20)).CheckAsync(default);

        (await check.Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"ModelCache:MountPath is '{missing}', which does not exist (looked for 10 s); mount the bucket there.");
    }

    [Fact]
    public async Task Check_ManifestThatCannotBeRead_IsFoundOut()
    {
        // A folder of that name is what reading fails for, whoever asks.
        Directory.CreateDirectory(Path.Combine(_root, "manifest.json"));

        var check = () => New(shared: true, "", "*", bucket: "bucket").CheckAsync(default);

        (await check.Should().ThrowAsync<ModelCacheException>()).WithMessage($"No permission to read '{_root}/manifest.json'*");
    }

    [Fact]
    public async Task Check_PathIsAFile_NamesTheSetting()
    {
        var file = Path.Combine(_root, "file");
        await File.WriteAllTextAsync(file, "");

        var check = () => New(shared: false, "", root: file).CheckAsync(default);

        (await check.Should().ThrowAsync<ModelCacheException>()).WithMessage($"ModelCache:MountPath is '{file}', which is a file*");
    }

    [Fact]
    public async Task Check_PrivateFolderMissing_IsMadeByTheFirstWrite()
    {
        await New(shared: false, "", root: Path.Combine(_root, "new")).CheckAsync(default);

        Directory.EnumerateFileSystemEntries(_root).Should().BeEmpty();
    }

    [Fact]
    public async Task List_FilesFoldersAndLinks_HasSizesAndMarksLinks()
    {
        Directory.CreateDirectory(Path.Combine(_root, "v/a"));
        await File.WriteAllTextAsync(Path.Combine(_root, "v/a/x"), "12345");
        await File.WriteAllTextAsync(Path.Combine(_root, "v/.done"), "");
        File.CreateSymbolicLink(Path.Combine(_root, "v/link"), "a/x");
        Directory.CreateSymbolicLink(Path.Combine(_root, "v/folder"), "a");

        var files = await New(shared: false, "").ListAsync("v", default);

        files.Should().BeEquivalentTo(new Dictionary<string, long> { ["a/x"] = 5, [".done"] = 0, ["link"] = -1, ["folder"] = -1 });
        (await New(shared: false, "").ListAsync("nothing", default)).Should().BeNull();
    }

    [Fact]
    public async Task List_FolderThatIsALink_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(_root, "elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "v"), "elsewhere");

        var list = () => New(shared: false, "").ListAsync("v", default);

        (await list.Should().ThrowAsync<ModelCacheException>()).WithMessage($"'{_root}/v' is a symbolic link, expected is a folder*");
    }

    [Fact]
    public async Task Read_LargerThanTheLimit_IsRefused()
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "x"), "12345");

        var read = () => New(shared: false, "").ReadAsync("x", 4, default);

        (await read.Should().ThrowAsync<ModelCacheException>()).WithMessage("*5 bytes*at most 4*");
        (await New(shared: false, "").ReadAsync("y", 4, default)).Should().BeNull();
    }

    [Fact]
    public async Task Run_CallThatHangs_EndsAtItsDeadline()
    {
        var clock = new FakeTimeProvider();
        using var hang = new ManualResetEventSlim();
        var call = BlockingCall.RunAsync(
            () =>
            {
                hang.Wait();
                return true;
            },
            "test",
            TimeSpan.FromSeconds(10),
            clock,
            default);

        clock.Advance(TimeSpan.FromSeconds(10));

        await FluentActions.Awaiting(() => call).Should().ThrowAsync<TimeoutException>();
        hang.Set();
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private FileSystemMount New(
        bool shared, string mountInfo, string? accepted = null, string? root = null, string? bucket = null, TimeProvider? clock = null)
    {
        var options = new ModelCacheOptions { MountPath = root ?? _root, SharedVolumeEnabled = shared, Bucket = bucket };
        options.Mount.ProbeTimeout = TimeSpan.FromMinutes(5);
        foreach (var type in accepted?.Split(',') ?? [])
        {
            options.Mount.AcceptedTypes.Add(type);
        }

        var path = new SettingPath("ModelCache");
        return new FileSystemMount(
            options, path, new MountIdentity(options, path, new MountTable(() => mountInfo)), clock ?? TimeProvider.System, _log);
    }
}
