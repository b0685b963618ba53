using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

/// <summary>A small repository on a scripted server: small files are in git, <c>*.safetensors</c> and <c>*.bin</c> in LFS on another host.</summary>
internal sealed class TestHub
{
    public const string Commit = "fd231a4267324856df11faf5bd2c3a39a02b4d77";
    public const string Other = "0123456789abcdef0123456789abcdef01234567";
    public const string Id = "org/name";

    private readonly ScriptedServer _server;
    private readonly string _prefix;

    public TestHub(ScriptedServer server, string prefix = "")
    {
        _server = server;
        _prefix = prefix;
        Files = new()
        {
            [".gitattributes"] = "*.bin filter=lfs\n"u8.ToArray(),
            ["1_Pooling/config.json"] = """{"pooling_mode_cls_token": true}"""u8.ToArray(),
            ["README.md"] = "# name\n"u8.ToArray(),
            ["config.json"] = "{}"u8.ToArray(),
            ["empty.txt"] = [],
            ["model.safetensors"] = RandomNumberGenerator.GetBytes(3000),
            ["modules.json"] = Encoding.UTF8.GetBytes(HubTrees.BgeM3Modules),
            ["onnx/model.onnx"] = "onnx"u8.ToArray(),
            ["vocab.txt"] = "a\nb\n"u8.ToArray(),
        };
    }

    public Dictionary<string, byte[]> Files { get; }

    public static string Tree => $"/api/models/{Id}/tree/{Commit}";

    public static string[] Chosen => ["1_Pooling/config.json", "README.md", "config.json", "empty.txt", "model.safetensors", "modules.json", "vocab.txt"];

    public static string BlobId(byte[] content) =>
#pragma warning disable CA5350 // Git blob ids are SHA-1.
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350

    public static string RevisionPath(string revision) => $"/api/models/{Id}/revision/{Uri.EscapeDataString(revision)}";

    public static string FilePath(string path) => $"/{Id}/resolve/{Commit}/{path}";

    /// <summary>Serves the repository at its commit, for these revisions and for the commit itself.</summary>
    public void Serve(params string[] revisions)
    {
        foreach (var revision in revisions.Append(Commit))
        {
            _server.On(_prefix + RevisionPath(revision), Json(new { id = Id, sha = Commit, siblings = new[] { new { rfilename = "x" } } }));
        }

        _server.On(_prefix + Tree, Json(Files.Select(Entry)));
        foreach (var (path, content) in Files)
        {
            var cdn = $"/cdn/{Sha256Hex.Of(content)}";
            _server.On(cdn, Answers.File(content));
            _server.On(
                _prefix + FilePath(path),
                IsLfs(path) ? Answers.Redirect($"{_server.OtherAddress}{cdn[1..]}?Signature=secret", 302) : Answers.File(content, tag: $"\"{BlobId(content)}\""));
        }
    }

    public static object Entry(KeyValuePair<string, byte[]> file) => IsLfs(file.Key)
        ? new { type = "file", path = file.Key, oid = new string('e', 40), size = file.Value.Length, lfs = new { oid = Sha256Hex.Of(file.Value), size = file.Value.Length, pointerSize = 134 } }
        : new { type = "file", path = file.Key, oid = BlobId(file.Value), size = file.Value.Length };

    public static Microsoft.AspNetCore.Http.RequestDelegate Json(object value, params (string Name, string Value)[] headers) =>
        Answers.Body(JsonSerializer.SerializeToUtf8Bytes(value), "application/json", headers);

    private static bool IsLfs(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".bin", StringComparison.Ordinal);
}
