using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Registry;

public sealed class GeneratedFileTests
{
    private const int Size = 200_003;
    private const long SegmentEnd = 1L << 34;

    private static readonly GeneratedFile[] Samples =
    [
        GeneratedFile.Random("random", Size, 7),
        GeneratedFile.Gguf("gguf", Size, 7),
        GeneratedFile.Safetensors("safetensors", Size, 7),
        GeneratedFile.Text("text", "{}\n", Size),
    ];

    [Fact]
    public void Read_AnyRange_EqualsThatPartOfTheWhole()
    {
        var wholes = Samples.Select(Whole).ToArray();
        Gen.Select(Gen.Int[0, Samples.Length - 1], Gen.Int[0, Size + 10], Gen.Int[0, 5000]).Sample((sample, position, length) =>
        {
            var buffer = new byte[length];
            var read = Samples[sample].Read(position, buffer);

            var expected = wholes[sample].AsSpan(Math.Min(position, Size), Math.Min(length, Math.Max(0, Size - position)));
            return read == expected.Length && buffer.AsSpan(0, read).SequenceEqual(expected);
        });
    }

    [Fact]
    public void Read_AcrossAllSegments_EqualsByteForByte()
    {
        // Bytes one by one take the path without vectors; and the index of words starts again behind the end of a segment.
        var file = GeneratedFile.Random("large", SegmentEnd * 3);
        foreach (var start in new[] { 0, SegmentEnd - 150, SegmentEnd * 2 - 151 })
        {
            var atOnce = new byte[301];
            file.Read(start, atOnce);
            var oneByOne = new byte[301];
            for (var i = 0; i < oneByOne.Length; i++)
            {
                file.Read(start + i, oneByOne.AsSpan(i, 1));
            }

            atOnce.Should().Equal(oneByOne);
        }

        Part(file, 0).Should().NotEqual(Part(file, SegmentEnd));
    }

    [Fact]
    public void Read_OtherSeedOrSameSeed_DiffersOrIsEqual()
    {
        Part(GeneratedFile.Random("a", Size, 1), 0).Should().Equal(Part(GeneratedFile.Random("b", Size, 1), 0));
        Part(GeneratedFile.Random("a", Size, 1), 0).Should().NotEqual(Part(GeneratedFile.Random("a", Size, 2), 0));
    }

    [Fact]
    public void Read_RandomContent_CannotBeCompressed()
    {
        var target = new MemoryStream();
        using (var zip = new DeflateStream(target, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zip.Write(Whole(Samples[0]));
        }

        target.Length.Should().BeGreaterThanOrEqualTo(Size);
    }

    [Fact]
    public void Read_KnownSeed_NeverChanges()
    {
        // What is published from it has these digests in the tests and documents of others.
        Convert.ToHexStringLower(Part(GeneratedFile.Random("a", Size, 1), 0)[..8]).Should().Be("bb9b244e26ad3207");
    }

    [Fact]
    public void Checksums_EveryKind_AreThoseOfTheContent()
    {
        foreach (var file in Samples)
        {
            var whole = Whole(file);
            byte[] blob = [.. Encoding.ASCII.GetBytes($"blob {Size}\0"), .. whole];
            file.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData(whole)));
#pragma warning disable CA5350 // Git names blobs by SHA-1.
            file.GitBlobSha1.Should().Be(Convert.ToHexStringLower(SHA1.HashData(blob)));
#pragma warning restore CA5350
        }
    }

    [Fact]
    public void Text_KnownBlob_HasTheNameThatGitGivesIt() =>
        GeneratedFile.Text("hello", "hello\n").GitBlobSha1.Should().Be("ce013625030ba8dba906f756967f9e9ca394464a");

    [Theory]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_000_003)]
    [InlineData(1_321_082_688)]
    [InlineData(70_000_000_001)]
    public void Gguf_AnySize_TensorsCoverTheFileExactly(long size)
    {
        using var stream = GeneratedFile.Gguf("model", size).OpenRead();
        using var gguf = new GgufReader(stream);

        gguf.Metadata["general.architecture"].Should().Be("llama");
        var end = 0L;
        foreach (var tensor in gguf.Tensors)
        {
            tensor.Offset.Should().Be(end).And.Match(offset => offset % 32 == 0);
            tensor.Size.Should().BePositive();
            end += tensor.Size;
        }

        (gguf.DataStart + end).Should().Be(size);
    }

    [Theory]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(2_271_064_456)]
    [InlineData(70_000_000_001)]
    public void Safetensors_AnySize_TensorsCoverTheFileExactly(long size)
    {
        using var stream = GeneratedFile.Safetensors("model.safetensors", size).OpenRead();
        using var reader = new BinaryReader(stream);
        var length = reader.ReadInt64();
        using var header = JsonDocument.Parse(reader.ReadBytes((int)length));

        var end = 0L;
        foreach (var tensor in header.RootElement.EnumerateObject().Where(member => member.Name != "__metadata__"))
        {
            var offsets = tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
            var count = tensor.Value.GetProperty("shape").EnumerateArray().Aggregate(1L, (product, next) => product * next.GetInt64());
            offsets[0].Should().Be(end);
            (offsets[1] - offsets[0]).Should().BePositive().And.Be(count * (tensor.Value.GetProperty("dtype").GetString() == "F16" ? 2 : 1));
            end = offsets[1];
        }

        (8 + length + end).Should().Be(size);
    }

    [Fact]
    public void RealModels_FullScale_HaveTheRealSizes()
    {
        var llama = OllamaModels.Llama32();
        llama.Layers.Select(layer => layer.File.Size).Should().Equal(1_321_082_688, 1429, 7711, 6016);
        llama.Size.Should().Be(1_321_098_329);

        var bge = HubModels.BgeM3();
        bge.Should().HaveCount(30).And.OnlyHaveUniqueItems(file => file.Path);
        bge.Sum(file => file.Size).Should().Be(4_587_317_404);
        bge.Single(file => file.Path == "pytorch_model.bin").Size.Should().Be(2_271_145_830);
        HubModels.BgeM3(0.001).Sum(file => file.Size).Should().BeLessThan(10_000_000);
    }

    [Fact]
    public void RealModels_JsonFiles_AreValid()
    {
        foreach (var file in HubModels.BgeM3(0.001).Where(file => file.Path.EndsWith(".json", StringComparison.Ordinal)))
        {
            FluentActions.Invoking(() => JsonDocument.Parse(Whole(file)).Dispose()).Should().NotThrow(file.Path);
        }
    }

    private static byte[] Whole(GeneratedFile file)
    {
        var bytes = new byte[file.Size];
        file.Read(0, bytes).Should().Be(bytes.Length);
        return bytes;
    }

    private static byte[] Part(GeneratedFile file, long position)
    {
        var bytes = new byte[1000];
        file.Read(position, bytes);
        return bytes;
    }
}
