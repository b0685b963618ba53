using System.Text;
using Tabular.ModelCache.Sources.HuggingFace;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

public sealed class HubTreeTests
{
    private static readonly string Oid = new('a', 40);
    private static readonly string Sha256 = new('b', 64);

    [Fact]
    public void Add_PlainLfsAndFolders_AreRead()
    {
        var tree = new HubTree("org/name");

        tree.Add(Encoding.UTF8.GetBytes($$"""
            [
              {"type":"directory","path":"onnx","oid":"{{Oid}}","size":0},
              {"type":"file","path":"onnx/config.json","oid":"{{Oid}}","size":7,"unknown":{"a":[1] } },
              {"type":"file","path":"model.safetensors","oid":"{{Oid}}","size":134,"lfs":{"oid":"{{Sha256}}","size":5000000000,"pointerSize":134 },"xetHash":"x"}
            ]
            """));

        tree.Files.Should().Equal(
            new HubEntry("onnx/config.json", 7, Oid, null), new HubEntry("model.safetensors", 5_000_000_000, Oid, Sha256));
        tree.Files[0].Folder.Should().Be("onnx");
        tree.Files[1].Folder.Should().BeEmpty();
    }

    [Theory]
    [InlineData("../../manifest.json", "'../../manifest.json' has the part '..'")]
    [InlineData("a/../b", "has the part '..'")]
    [InlineData("/etc/passwd", "empty part")]
    [InlineData("a//b", "empty part")]
    [InlineData("a\\\\b", "U+005C")]
    [InlineData("a\\u0000b", "'a?b' has the character U+0000")]
    [InlineData("a\\nb", "'a?b' has the character U+000A")]
    [InlineData("", "is empty")]
    public void Add_PathThatLeadsElsewhere_NamesTheRepositoryAndThePath(string path, string problem)
    {
        var add = () => new HubTree("org/name").Add(Encoding.UTF8.GetBytes($$"""[{"type":"file","path":"{{path}}","oid":"{{Oid}}","size":1}]"""));

        add.Should().Throw<ModelCacheException>().WithMessage($"*'org/name'*{problem}*");
    }

    [Theory]
    [InlineData("""{"error":"x"}""")]
    [InlineData("[null]")]
    [InlineData("<html>")]
    [InlineData("""[{"type":"file"}]""")]
    [InlineData("""[{"type":"file","path":"a","path":"b","oid":"{0}","size":1}]""")]
    [InlineData("""[{"type":"file","path":"a","oid":"{0}","size":1},{"type":"file","path":"a","oid":"{0}","size":1}]""")]
    [InlineData("""[{"type":"file","path":"a","oid":"{0}"}]""")]
    [InlineData("""[{"type":"file","path":"a","oid":"{0}","size":-1}]""")]
    [InlineData("""[{"type":"file","path":"a","oid":"{0}","size":1e400}]""")]
    [InlineData("""[{"type":"file","path":"a","oid":"short","size":1}]""")]
    [InlineData("""[{"type":"file","path":"a","size":1}]""")]
    [InlineData("""[{"type":"file","path":"a","oid":"{0}","size":1,"lfs":{"oid":"short","size":1}}]""")]
    [InlineData("""[{"type":"file","path":"a","oid":"{0}","size":1,"lfs":{"size":1}}]""")]
    public void Add_AnythingElse_IsRefused(string json)
    {
        var add = () => new HubTree("org/name").Add(Encoding.UTF8.GetBytes(json.Replace("{0}", Oid, StringComparison.Ordinal)));

        add.Should().Throw<ModelCacheException>().WithMessage("*'org/name'*");
    }

    [Fact]
    public void Add_EndlessPages_AreRefused()
    {
        var tree = new HubTree("org/name");
        var page = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("""{"type":"directory","path":"d"}""", 50_000)) + "]");
        tree.Add(page);
        tree.Add(page);

        var add = () => tree.Add(page);

        add.Should().Throw<ModelCacheException>().WithMessage("*more than 100000 entries*");
    }
}
