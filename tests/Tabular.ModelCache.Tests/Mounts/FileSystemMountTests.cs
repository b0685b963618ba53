using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Tests.Mounts;

public sealed class FileSystemMountTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("model-mount-").FullName;

    [Fact]
    public async Task Check_SharedFolderOnAnotherType_SaysWhatWasExpectedAndFound()
    {
        var check = () => New(shared: true, "36 35 98:0 / / rw - ext4 /dev/root rw\n").CheckAsync(default);

        (await check.Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"ModelCache:MountPath is '{_root}', expected to be a mount of type fuse.gcsfuse, but it lies on '/' of type ext4*");
    }

    [Fact]
    public async Task Check_AcceptedType_Passes()
    {
        await New(shared: true, $"36 35 98:0 / / rw - ext4 /dev/root rw\n40 36 0:50 / {_root} ro - fuse.gcsfuse bucket ro\n").CheckAsync(default);
        await New(shared: true, "36 35 98:0 / / rw - ext4 /dev/root rw\n", "*").CheckAsync(default);
        await New(shared: false, "").CheckAsync(default);
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

        var files = await New(shared: false, "").ListAsync("v", default);

        files.Should().BeEquivalentTo(new Dictionary<string, long> { ["a/x"] = 5, [".done"] = 0, ["link"] = -1 });
        (await New(shared: false, "").ListAsync("nothing", default)).Should().BeNull();
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

    private FileSystemMount New(bool shared, string mountInfo, string? accepted = null, string? root = null)
    {
        var options = new ModelCacheOptions { MountPath = root ?? _root, SharedVolumeEnabled = shared };
        if (accepted is not null)
        {
            options.Mount.AcceptedTypes.Add(accepted);
        }

        return new FileSystemMount(options, new SettingPath("ModelCache"), new MountTable(() => mountInfo), TimeProvider.System);
    }
}
