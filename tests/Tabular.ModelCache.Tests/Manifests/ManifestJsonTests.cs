using System.Text;
using System.Text.Json.Nodes;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Manifests;

public sealed class ManifestJsonTests
{
    private const string Digest = "4ada396be331446172de9ebbf68a6ede551b1c1a31e207dca999f0199edaa9e1";
    private const string Version = "demo-2026-01-02-4ada396be331";

    private static readonly string Valid = $$"""
        {
          "schemaVersion": 1,
          "sequence": 7,
          "writeId": "w",
          "futureMember": { "a": [1, 2] },
          "models": {
            "demo": {
              "kind": "ollama", "attempt": "1-a", "active": "{{Version}}", "pins": [], "held": null, "doomed": [], "future": 1,
              "versions": [ {
                "version": "{{Version}}", "path": "ollama/{{Version}}", "createdAt": "2026-01-02T03:04:05+00:00", "retiredAt": null,
                "source": { "uri": "dir:///x", "digest": "sha256:1", "future": true }, "bytes": 3, "checksums": "{{Digest}}", "future": "x",
                "files": [
                  { "path": "blobs/x", "size": 3, "sha256": "{{Digest}}", "crc32c": "AAAAAQ==", "generation": "9007199254740993", "future": 2 },
                  { "path": "SHA256SUMS", "size": 75, "sha256": "{{Digest}}", "crc32c": "AAAAAQ==", "generation": "5" },
                  { "path": ".done", "size": 65, "sha256": "{{Digest}}", "crc32c": "AAAAAQ==", "generation": "6" } ] } ]
            }
          }
        }
        """;

    [Fact]
    public void Serialize_UnknownMembers_AreKeptAtEveryLevel()
    {
        var manifest = Parse(Valid);

        var again = JsonNode.Parse(ManifestJson.Serialize(manifest.With("other", new ManifestEntry { Kind = "sbert" }, "w2")))!;

        again["futureMember"]!["a"]![1]!.GetValue<int>().Should().Be(2);
        var demo = again["models"]!["demo"]!;
        demo["future"]!.GetValue<int>().Should().Be(1);
        demo["versions"]![0]!["future"]!.GetValue<string>().Should().Be("x");
        demo["versions"]![0]!["source"]!["future"]!.GetValue<bool>().Should().BeTrue();
        demo["versions"]![0]!["files"]![0]!["future"]!.GetValue<int>().Should().Be(2);
        demo["versions"]![0]!["files"]![0]!["generation"]!.GetValue<string>().Should().Be("9007199254740993");
        again["sequence"]!.GetValue<long>().Should().Be(8);
    }

    [Theory]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2", "update the package")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 0", "schemaVersion is 0")]
    [InlineData("\"sequence\": 7", "\"sequence\": 7, \"sequence\": 8", "Duplicate")]
    [InlineData("\"future\": 2", "\"future\": 2, \"future\": 3", "Duplicate")]
    [InlineData("blobs/x", "../../etc/passwd", "part '..'")]
    [InlineData("blobs/x", "/etc/passwd", "empty part")]
    [InlineData("blobs/x", "a\\u0000b", "U+0000")]
    [InlineData("blobs/x", "a\\\\b", "U+005C")]
    [InlineData("blobs/x", "sha256sums", "twice")]
    [InlineData("\"path\": \"ollama/demo", "\"path\": \"ollama/../demo", "another path")]
    [InlineData("\"kind\": \"ollama\"", "\"kind\": \"..\"", "kind is")]
    [InlineData("\"size\": 3", "\"size\": -3", "size -3")]
    [InlineData("\"crc32c\": \"AAAAAQ==\", \"generation\": \"5\"", "\"crc32c\": \"AAAA\", \"generation\": \"5\"", "not a valid manifest")]
    [InlineData("\"active\": \"demo", "\"active\": \"dema", "active version")]
    [InlineData("\"pins\": []", "\"pins\": [\"nothing\"]", "pin")]
    [InlineData("\"pins\": []", "\"pins\": null", "not a valid manifest")]
    [InlineData("\"size\": 3", "\"size\": 99999999999999999999", "not a valid manifest")]
    [InlineData("\".done\"", "\"done\"", ".done")]
    [InlineData("\"size\": 65", "\"size\": 65, \"regions\": { \"size\": 9223372036854775807, \"sha256\": [] }", "do not add up")]
    public void Parse_HostileContent_IsRefusedByName(string replace, string with, string expected)
    {
        Valid.Should().Contain(replace);

        var parse = () => Parse(Valid.Replace(replace, with, StringComparison.Ordinal));

        parse.Should().Throw<ModelCacheException>().WithMessage("gs://b/manifest.json*").WithMessage($"*{expected}*");
    }

    [Fact]
    public void Parse_DeepNesting_IsRefused()
    {
        var parse = () => Parse("{\"x\":" + new string('[', 5000) + new string(']', 5000) + "}");

        parse.Should().Throw<ModelCacheException>();
    }

    private static Manifest Parse(string json) => ManifestJson.Parse(Encoding.UTF8.GetBytes(json), "gs://b/manifest.json");
}
