using System.Text;
using System.Text.Json;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Manifests;

/// <summary>The parts of the manifest's JSON, and what else is written in it.</summary>
public sealed class ManifestFormTests
{
    [Fact]
    public void Crc32C_AnyNumber_IsBase64OfItsBytesFromTheHighest()
    {
        var file = new ManifestFile { Path = "a", Crc32C = 0x01020304, Generation = 5 };

        var json = ManifestJson.SerializeFile(file);

        JsonElement.Parse(json).GetProperty("crc32c").GetString().Should().Be("AQIDBA==");
        ManifestJson.TryParseFile(json).Should().BeEquivalentTo(file);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"AQID\"")]
    [InlineData("\"AQIDBAU=\"")]
    [InlineData("\"!\"")]
    public void Crc32C_AnythingElse_IsNotRead(string value) =>
        ManifestJson.TryParseFile(Encoding.UTF8.GetBytes($$"""{"crc32c":{{value}}}""")).Should().BeNull();

    [Fact]
    public void TryParseRecord_WhatWasWrittenOrAnythingElse_IsReadOrNothing()
    {
        var record = new StagingRecord { Version = new ManifestVersion { Version = "a", Bytes = 3 } };

        ManifestJson.TryParseRecord(ManifestJson.SerializeRecord(record))!.Version.Bytes.Should().Be(3);
        ManifestJson.TryParseRecord("{"u8).Should().BeNull();
        ManifestJson.TryParseRecord("{\"version\":null}"u8).Should().BeNull();
        ManifestJson.TryParseRecord([0xFF]).Should().BeNull();
        ManifestJson.TryParseFile([0xFF]).Should().BeNull();
    }

    [Theory]
    [InlineData("[1,2]", 4, true)]
    [InlineData("[1,2]", 3, false)]
    [InlineData("[1,2", 3, true)]
    [InlineData("[1,2", 1, false)]
    public void FindProblem_SoManyTokens_AreAllowedOrNot(string json, int most, bool isAllowed)
    {
        (JsonTokens.FindProblem(most, Encoding.UTF8.GetBytes(json), 4) is null).Should().Be(isAllowed);
        JsonTokens.AreAtMost(most, Encoding.UTF8.GetBytes(json), 4).Should().Be(isAllowed);
    }

    [Fact]
    public void FindProblem_TextThatCannotBeWrittenAgain_SaysWhichKind()
    {
        JsonTokens.FindProblem(9, [(byte)'"', 0xFF, (byte)'"'], 4).Should().Be("it is not UTF-8");
        JsonTokens.FindProblem(9, Encoding.UTF8.GetBytes("\"\\uD800\""), 4).Should().Be("it has a text that is not well-formed Unicode");
        JsonTokens.FindProblem(9, Encoding.UTF8.GetBytes("\"\\uD83D\\uDE00 \\n\""), 4).Should().BeNull();
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", false)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0", false)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeF", false)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg", false)]
    [InlineData(null, false)]
    public void IsValid_Digest_IsSixtyFourLowerCaseDigits(string? text, bool isValid) => Sha256Hex.IsValid(text).Should().Be(isValid);

    [Theory]
    [InlineData("SHA256SUMS", true)]
    [InlineData(".done", true)]
    [InlineData("model.sig", true)]
    [InlineData("sha256sums", false)]
    [InlineData("blobs/.done", false)]
    public void IsMarker_Path_IsOneOfThree(string path, bool isMarker) => VersionFiles.IsMarker(path).Should().Be(isMarker);
}
