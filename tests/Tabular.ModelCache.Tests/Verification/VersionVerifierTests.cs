using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Verification;

public sealed class VersionVerifierTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"), ("blobs/b", "more of it"));

    [Theory]
    [InlineData(VerificationLevel.Marker)]
    [InlineData(VerificationLevel.Metadata)]
    [InlineData(VerificationLevel.Content)]
    public async Task Verify_WhatWasPublished_IsVerifiedAndAllOfItIsReadAtContent(VerificationLevel level)
    {
        var version = await PublishAsync();
        var progress = new List<(long, long)>();

        var result = await Verifier().VerifyAsync(version, level, (bytes, total) => progress.Add((bytes, total)), default);

        result.IsVerified.Should().BeTrue(result.Flaw);
        result.Flaw.Should().BeNull();
        var all = version.Files.Sum(f => f.Size);
        progress.LastOrDefault().Should().Be(level == VerificationLevel.Content ? (all, all) : default);
    }

    [Theory]
    [InlineData(VerificationLevel.Marker, "blobs/a")]
    [InlineData(VerificationLevel.Metadata, "blobs/a")]
    [InlineData(VerificationLevel.Content, "blobs/b")]
    [InlineData(VerificationLevel.Marker, "SHA256SUMS")]
    [InlineData(VerificationLevel.Marker, ".done")]
    public async Task Verify_FileIsNotThere_IsMissingOnTheMountAndMayStillCome(VerificationLevel level, string path)
    {
        var version = await PublishAsync();
        await _store.DeleteAsync($"{version.Path}/{path}");

        var result = await Verifier().VerifyAsync(version, level, null, default);

        result.Problem.Should().BeNull();
        result.IsVerified.Should().BeFalse();
        result.IsMissingOnMount.Should().BeTrue();
        result.IsMissingFolder.Should().BeFalse();
        result.Missing.Should().Be($"{version.Path}/{path} on the mount /models");
        result.Flaw.Should().Be($"{version.Path}/{path} on the mount /models is missing");
    }

    [Fact]
    public async Task Verify_MountIsBehindTheStore_IsAWholeMissingFolder()
    {
        var version = await PublishAsync();
        var mount = new StoreViewMount(_store) { Hidden = { [version.Path] = true } };

        var result = await Verifier(mount).VerifyAsync(version, VerificationLevel.Metadata, null, default);

        (result.IsMissingFolder, result.IsMissingOnMount, result.Problem).Should().Be((true, true, null));
    }

    [Fact]
    public async Task Verify_StoreIsBehindTheMount_IsMissingButNotOnTheMount()
    {
        var version = await PublishAsync();
        var empty = new VersionVerifier(new ObjectStoreMount(_store), new InMemoryObjectStore(), Reader(new ObjectStoreMount(_store)));

        var result = await empty.VerifyAsync(version, VerificationLevel.Metadata, null, default);

        result.IsMissingOnMount.Should().BeFalse();
        result.Missing.Should().StartWith($"{version.Path}/").And.EndWith(" in memory");
    }

    [Theory]
    [InlineData(VerificationLevel.Marker, "blobs/a", "Content", null)]
    [InlineData(VerificationLevel.Metadata, "blobs/a", "Content", "expected 7 bytes, crc32c *, generation * in memory, found 7 bytes, crc32c *, generation *;")]
    [InlineData(VerificationLevel.Content, "blobs/a", "Content", "expected sha256 *, found sha256 *;")]
    [InlineData(VerificationLevel.Metadata, "blobs/a", "content", "expected 7 bytes, crc32c *, generation * in memory, found 7 bytes, crc32c *, generation *;")]
    [InlineData(VerificationLevel.Content, "blobs/a", "content", null)]
    [InlineData(VerificationLevel.Marker, "blobs/a", "contents", "expected 7 bytes, found 8 bytes;")]
    [InlineData(VerificationLevel.Marker, "blobs/a", "", "expected 7 bytes, found 0 bytes;")]
    public async Task Verify_FileWasReplaced_IsRefusedByTheLevelsThatSeeIt(VerificationLevel level, string path, string content, string? problem)
    {
        var version = await PublishAsync();
        await WriteAsync($"{version.Path}/{path}", content);

        var result = await Verifier().VerifyAsync(version, level, null, default);

        result.IsVerified.Should().Be(problem is null);
        if (problem is not null)
        {
            result.Problem.Should().Match($"The file {version.Path}/{path} is not what was published: {problem} publish the model again, or roll back.");
            result.Missing.Should().BeNull();
        }
    }

    [Fact]
    public async Task Verify_DoneOfAnotherVersion_IsRefused()
    {
        var version = await PublishAsync();
        await WriteAsync($"{version.Path}/.done", new string('a', 64) + "\n");

        (await Verifier().VerifyAsync(version, VerificationLevel.Marker, null, default)).Problem.Should().Contain($"expected {version.Checksums}, found 'aaaa");
    }

    [Fact]
    public async Task Verify_DoneWithoutItsNewline_IsTheSame()
    {
        var version = await PublishAsync();
        await WriteAsync($"{version.Path}/.done", version.Checksums);
        version = version with { Files = [.. version.Files.Select(f => f.Path == ".done" ? f with { Size = 64 } : f)] };

        (await Verifier().VerifyAsync(version, VerificationLevel.Marker, null, default)).Flaw.Should().BeNull();
    }

    [Fact]
    public async Task Verify_ChecksumFileOfOtherBytes_IsRefused()
    {
        var version = await PublishAsync();
        var sums = (await _store.ReadAllAsync($"{version.Path}/SHA256SUMS", 10_000, default))!.Bytes;
        sums[0] = (byte)(sums[0] == 'a' ? 'b' : 'a');
        await WriteAsync($"{version.Path}/SHA256SUMS", Encoding.ASCII.GetString(sums));

        (await Verifier().VerifyAsync(version, VerificationLevel.Marker, null, default)).Problem.Should()
            .Contain($"expected sha256 {version.Checksums}, found sha256 {Sha256Hex.Of(sums)}");
    }

    [Theory]
    [InlineData("blobs/a", null, "disagree about 'blobs/a': expected sha256 *found 000000")]
    [InlineData("blobs/a", "blobs/c", "disagree about 'blobs/a'*found no line")]
    [InlineData("blobs/c", "blobs/a", "has 3 files, manifest.json 2")]
    [InlineData("blobs/c", "../c", "cannot be used: line 3 ")]
    public async Task Verify_ChecksumFileThatDisagreesWithTheManifest_IsRefused(string path, string? written, string expected)
    {
        var version = await PublishAsync();
        var lines = version.Files.Where(f => !VersionFiles.IsMarker(f.Path)).ToDictionary(f => f.Path, f => f.Sha256);
        if (written is null)
        {
            lines[path] = new string('0', 64);
        }
        else if (lines.Remove(path, out var sha256))
        {
            lines[written] = sha256;
        }
        else
        {
            lines[written == "blobs/a" ? path : written] = new string('0', 64);
        }

        var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => $"{l.Value}  {l.Key}\n")));
        await _store.WriteBytesAsync($"{version.Path}/SHA256SUMS", bytes, new ObjectWriteOptions(), default);
        await WriteAsync($"{version.Path}/.done", Sha256Hex.Of(bytes) + "\n");
        version = version with
        {
            Checksums = Sha256Hex.Of(bytes),
            Files = [.. version.Files.Select(f => f.Path == "SHA256SUMS" ? f with { Size = bytes.Length } : f)],
        };

        (await Verifier().VerifyAsync(version, VerificationLevel.Marker, null, default)).Problem.Should().Match($"{version.Path}/SHA256SUMS*{expected}*");
    }

    [Fact]
    public async Task Verify_MetadataWithoutAStore_SaysWhatIsNeeded()
    {
        var version = await PublishAsync();
        var mount = new ObjectStoreMount(_store);

        var verify = () => new VersionVerifier(mount, null, Reader(mount)).VerifyAsync(version, VerificationLevel.Metadata, null, default);

        (await verify.Should().ThrowAsync<ModelCacheException>()).WithMessage("*needs a store*");
    }

    [Fact]
    public async Task Verify_OneRegionDiffers_SaysWhichBytesAndTheDigestOfTheWhole()
    {
        const int RegionSize = 1 << 20;
        var content = new byte[(2 * RegionSize) + 3];
        _source.Set(("blobs/a", content));
        var version = await PublishAsync();
        version = version with
        {
            Files =
            [
                .. version.Files.Select(f => f.Path != "blobs/a" ? f : f with
                {
                    Regions = new FileRegions
                    {
                        Size = RegionSize,
                        Sha256 = [.. content.Chunk(RegionSize).Select(c => Sha256Hex.Of(c))],
                    },
                }),
            ],
        };
        (await Verifier().VerifyAsync(version, VerificationLevel.Content, null, default)).Flaw.Should().BeNull();
        content[RegionSize + 1] = 1;
        await _store.WriteBytesAsync($"{version.Path}/blobs/a", content, new ObjectWriteOptions(), default);

        var result = await Verifier().VerifyAsync(version, VerificationLevel.Content, null, default);

        result.Problem.Should().Contain($"found sha256 {Sha256Hex.Of(content)} (bytes 1048576 to 2097151 differ)");
    }

    private VersionVerifier Verifier(IModelMount? mount = null)
    {
        mount ??= new ObjectStoreMount(_store);
        return new VersionVerifier(mount, _store, Reader(mount));
    }

    private static ContentReader Reader(IModelMount mount) => new(mount, TimeProvider.System);

    private Task<StoredObject> WriteAsync(string name, string content) =>
        _store.WriteBytesAsync(name, Encoding.UTF8.GetBytes(content), new ObjectWriteOptions(), default);

    private async Task<ManifestVersion> PublishAsync()
    {
        await using var cache = new TestCache(_store, _source);
        return (await cache.PublishAsync()).Version;
    }
}
