using System.IO.Hashing;
using System.Security.Cryptography;
using CsCheck;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class VerifyingStreamTests
{
    private const int RegionSize = 16;

    [Fact]
    public void Read_AnySizesAndReads_ComputesAllDigestsAndTellsAllBytes() =>
        Gen.Select(Gen.Int[0, 100], Gen.Int[1, 40]).Sample((size, most) =>
        {
            var bytes = RandomNumberGenerator.GetBytes(size);
            var (told, verified) = (0, 0);
            using var stream = Open(new Promise(size, Sha256Hex.Of(bytes)), bytes, read => told += read, _ => verified++);

            using var copy = new MemoryStream();
            var buffer = new byte[most];
            for (int read; (read = stream.ReadAsync(buffer.AsMemory()).AsTask().GetAwaiter().GetResult()) > 0;)
            {
                verified.Should().Be(0, "not before the end");
                copy.Write(buffer, 0, read);
            }

            copy.ToArray().Should().Equal(bytes);
            (told, verified).Should().Be((size, 1));
            var result = stream.Result!;
            (result.Path, result.Size, result.Sha256).Should().Be(("f", (long)size, Sha256Hex.Of(bytes)));
            result.Crc32C.Should().Be(CastagnoliOf(bytes));
            result.Regions?.Size.Should().Be(RegionSize);
            (result.Regions?.Sha256 ?? []).Should().Equal(size <= RegionSize ? [] : bytes.Chunk(RegionSize).Select(c => Sha256Hex.Of(c)));
        });

    [Fact]
    public async Task Read_AfterTheEnd_IsTheEndAgainAndVerifiedOnce()
    {
        var verified = 0;
        await using var stream = Open(new Promise(1, null), [7], _ => { }, _ => verified++);

        (await stream.ReadAsync(Memory<byte>.Empty)).Should().Be(0);
        stream.Result.Should().BeNull("nothing was asked for");
        var reads = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            reads.Add(await stream.ReadAsync(new byte[8].AsMemory()));
        }

        reads.Should().Equal(1, 0, 0);
        verified.Should().Be(1);
    }

    [Theory]
    [InlineData(4, null, "ended after 3 of 4 bytes")]
    [InlineData(2, null, "sent more than the 2 bytes")]
    [InlineData(3, "other", "expected sha256 other, found ")]
    public async Task Read_OtherBytesThanPromised_NeverTellsTheEnd(int promised, string? sha256, string problem)
    {
        var verified = 0;
        await using var stream = Open(new Promise(promised, sha256), [1, 2, 3], _ => { }, _ => verified++);

        var read = async () =>
        {
            while (await stream.ReadAsync(new byte[3].AsMemory()) > 0)
            {
            }
        };

        (await read.Should().ThrowAsync<ModelCacheException>()).WithMessage($"The source of 'f' *{problem}*nothing was published*");
        stream.Result.Should().BeNull();
        verified.Should().Be(0);
    }

    [Fact]
    public async Task Dispose_EitherWay_DisposesTheSource()
    {
        var (one, other) = (new MemoryStream([1]), new MemoryStream([1]));

        await Open(new Promise(1, null), one).DisposeAsync();
        Open(new Promise(1, null), other).Dispose();

        (one.CanRead, other.CanRead).Should().Be((false, false));
    }

    private static uint CastagnoliOf(byte[] bytes)
    {
        var crc = new Crc32(Crc32ParameterSet.Crc32C);
        crc.Append(bytes);
        return crc.GetCurrentHashAsUInt32();
    }

    private static VerifyingStream Open(SourceFile file, byte[] bytes, Action<int> progress, Action<ManifestFile> verified) =>
        new(file, RegionSize, new MemoryStream(bytes), progress, result =>
        {
            verified(result);
            return Task.CompletedTask;
        });

    private static VerifyingStream Open(SourceFile file, Stream source) => new(file, RegionSize, source, _ => { }, _ => Task.CompletedTask);

    private sealed class Promise : SourceFile
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public Promise(long size, string? sha256) => (Path, Size, Sha256) = ("f", size, sha256);

        public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) => throw new InvalidOperationException();
    }
}
