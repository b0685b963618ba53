using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Verification;

/// <summary>A mount and a store that do not say the same, and a mount that fails while a version is read.</summary>
public sealed class MountViewTests
{
    private const int StaleHandle = 116;
    private const int InputOutput = 5;

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"), ("blobs/b", "more of it"));
    private readonly ScriptedMount _mount;

    public MountViewTests() => _mount = new ScriptedMount(_store);

    public static TheoryData<string, bool> Failures => new()
    {
        { "file", true }, { "directory", true }, { "stale", true }, { "io", false }, { "permission", false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Verify_FileCannotBeOpened_IsMissingOrTheMountsFault(string failure, bool isMissing)
    {
        var version = await PublishAsync();
        _mount.Opening = path =>
        {
            if (path.EndsWith("blobs/b", StringComparison.Ordinal))
            {
                throw Create(failure);
            }
        };

        var verify = () => VerifyAsync(version, VerificationLevel.Content);

        if (isMissing)
        {
            (await verify()).Missing.Should().Be($"{version.Path}/blobs/b on the mount /models");
        }
        else
        {
            await verify.Should().ThrowAsync<ModelCacheException>().WithMessage($"*/models/{version.Path}/blobs/b'*");
        }
    }

    [Fact]
    public async Task Verify_MountFailsBecauseTheFileWasReplaced_IsToldByTheStore()
    {
        var version = await PublishAsync();
        _mount.Opening = path =>
        {
            if (path.EndsWith("blobs/b", StringComparison.Ordinal))
            {
                _store.WriteBytesAsync(path, [1], new ObjectWriteOptions(), CancellationToken.None).GetAwaiter().GetResult();
                throw Create("io");
            }
        };

        (await VerifyAsync(version, VerificationLevel.Content)).Problem.Should().Contain("blobs/b is not what was published: expected 10 bytes");
        var alone = () => new VersionVerifier(_mount, null, new ContentReader(_mount, TimeProvider.System)).VerifyAsync(version with
        {
            Files = [.. version.Files.Select(f => f.Path == "blobs/b" ? f with { Size = 1 } : f)],
        }, VerificationLevel.Content, null, default);
        await alone.Should().ThrowAsync<ModelCacheException>("without a store nobody can tell");
    }

    [Fact]
    public async Task Verify_ReaderHangs_IsGivenUpAfterAMinuteWithoutAByte()
    {
        var version = await PublishAsync();
        using var hang = new ManualResetEventSlim();
        _mount.Opening = path =>
        {
            if (path.EndsWith("blobs/b", StringComparison.Ordinal))
            {
                hang.Wait(TestContext.Current.CancellationToken);
            }
        };
        var clock = new FastClock(100);
        var start = clock.GetTimestamp();

        var verify = () => new VersionVerifier(_mount, _store, new ContentReader(_mount, clock)).VerifyAsync(version, VerificationLevel.Content, null, default);

        await verify.Should().ThrowAsync<ModelCacheException>().WithMessage("*did not answer*");
        clock.GetElapsedTime(start).Should().BeGreaterThan(TimeSpan.FromSeconds(60));
        hang.Set();
    }

    [Theory]
    [InlineData("SHA256SUMS")]
    [InlineData(".done")]
    public async Task Verify_MarkerIsListedAndGoneWhenItIsRead_IsMissing(string marker)
    {
        var version = await PublishAsync();
        _mount.ShowsFile = path => !path.EndsWith(marker, StringComparison.Ordinal);

        (await VerifyAsync(version, VerificationLevel.Marker)).Missing.Should().Be($"{version.Path}/{marker} on the mount /models");
    }

    [Theory]
    [InlineData(VerificationLevel.Marker)]
    [InlineData(VerificationLevel.Metadata)]
    public async Task Verify_SymbolicLinks_AreRefusedAtEveryLevel(VerificationLevel level)
    {
        var version = await PublishAsync();
        _mount.Links.Add("blobs/a");
        (await VerifyAsync(version, level)).Problem.Should().Contain("expected 7 bytes, found a symbolic link");

        _mount.Links.Clear();
        _mount.Links.Add("blobs/link");
        await _store.WriteBytesAsync($"{version.Path}/blobs/link", [1], new ObjectWriteOptions(), default);
        (await VerifyAsync(version, level)).Problem.Should().Contain("blobs/link was not published");
    }

    [Fact]
    public async Task Verify_SeveralMissingOrBesides_NamesTheFirst()
    {
        var version = await PublishAsync();
        await _store.WriteBytesAsync($"{version.Path}/z", [1], new ObjectWriteOptions(), default);
        await _store.WriteBytesAsync($"{version.Path}/more", [1], new ObjectWriteOptions(), default);
        var besides = await VerifyAsync(version, VerificationLevel.Content);
        besides.Problem.Should().StartWith($"The file {version.Path}/more was not published");
        besides.Flaw.Should().Be(besides.Problem!.TrimEnd('.'));

        foreach (var name in new[] { "z", "more", "blobs/a", "blobs/b" })
        {
            await _store.DeleteAsync($"{version.Path}/{name}");
        }

        (await VerifyAsync(version, VerificationLevel.Marker)).Missing.Should().StartWith($"{version.Path}/blobs/a ");
    }

    [Theory]
    [InlineData("size")]
    [InlineData("crc32c")]
    [InlineData("generation")]
    public async Task VerifyStored_OneMemberDiffers_IsWrong(string member)
    {
        var version = await PublishAsync();
        version = version with
        {
            Files =
            [
                .. version.Files.Select(f => f.Path != "blobs/a" ? f : member switch
                {
                    "size" => f with { Size = 8 },
                    "crc32c" => f with { Crc32C = f.Crc32C ^ 1 },
                    _ => f with { Generation = f.Generation + 1 },
                }),
            ],
        };

        (await new StoredVersionVerifier(_store).VerifyAsync(version, default)).Problem.Should().Contain("blobs/a is not what was published");
    }

    [Fact]
    public async Task VerifyStored_FileBesides_IsWrong()
    {
        var version = await PublishAsync();
        (await new StoredVersionVerifier(_store).VerifyAsync(version, default)).IsVerified.Should().BeTrue();
        await _store.WriteBytesAsync($"{version.Path}/more", [1], new ObjectWriteOptions(), default);

        (await new StoredVersionVerifier(_store).VerifyAsync(version, default)).Problem.Should().Contain("/more was not published");
    }

    private static Exception Create(string failure) => failure switch
    {
        "file" => new FileNotFoundException(),
        "directory" => new DirectoryNotFoundException(),
        "stale" => new IOException("stale", StaleHandle),
        "io" => new IOException("io", InputOutput),
        _ => new UnauthorizedAccessException(),
    };

    private Task<VerificationResult> VerifyAsync(ManifestVersion version, VerificationLevel level) =>
        new VersionVerifier(_mount, _store, new ContentReader(_mount, TimeProvider.System)).VerifyAsync(version, level, null, default);

    private async Task<ManifestVersion> PublishAsync()
    {
        await using var cache = new TestCache(_store, _source);
        return (await cache.PublishAsync()).Version;
    }
}
