using System.Net;
using System.Text;
using System.Text.Json;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources.Http;
using Tabular.ModelCache.Sources.HuggingFace;
using Tabular.ModelCache.Sources.Ollama;
using static Tabular.ModelCache.Tests.Fuzzing.InvariantException;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>The parsers of what registries answer.</summary>
internal static class RegistryTargets
{
    private static readonly string First = Sha256Hex.Of("a"u8);
    private static readonly string Second = Sha256Hex.Of("b"u8);
    private static readonly Uri Page = new("https://hub.test/base/api/models/a/b/tree/0?recursive=True");

    public static FuzzTarget Manifest { get; } = new(
        [
            Encoding.UTF8.GetBytes(
                $$"""
                {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",
                "config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"sha256:{{First}}","size":1},
                "layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{Second}}","size":2}]}
                """),
        ],
        OllamaManifest.MaxBytes,
        bytes =>
        {
            var manifest = OllamaManifest.Parse(bytes, "manifest");
            Require(manifest.Blobs.Count > 0, "it has no blobs");
            foreach (var blob in manifest.Blobs)
            {
                RequireSafePath($"blobs/sha256-{blob.Sha256}");
                Require(blob.Size >= 0 && Sha256Hex.IsValid(blob.Sha256), "a blob has no valid size or digest");
            }

            return true;
        },
        typeof(ModelCacheException))
    { Words = ["sha256:" + First, "sha256:" + First.ToUpperInvariant(), "sha512:aa", "../x", "manifests", "index", "layers"] };

    public static FuzzTarget Challenge { get; } = new(
        [
            "Bearer realm=\"https://auth.test/token?x=1\",service=\"registry.test\",scope=\"repository:a/b:pull\""u8.ToArray(),
            "bearer Realm = \"http://127.0.0.1:5000/t\""u8.ToArray(),
        ],
        16 << 10,
        bytes =>
        {
            using var response = new HttpResponseMessage(HttpStatusCode.Unauthorized);
            response.Headers.TryAddWithoutValidation("WWW-Authenticate", Encoding.UTF8.GetString(bytes));
            if (RegistryChallenge.Find(response.Headers) is not { } challenge)
            {
                return false;
            }

            var uri = challenge.TokenUri("repository:a/b:pull");
            Require(uri.Scheme is "http" or "https" && uri.IdnHost == challenge.Realm.IdnHost && uri.Port == challenge.Realm.Port, $"it leads to {uri}");
            return true;
        })
    { IsJson = false, Words = ["Bearer ", "Basic ", "realm", "service", "scope", "\"", "https://", "file:///etc/passwd", "//", "http://[::1]:99999/", "javascript:", "\u0130"] };

    public static FuzzTarget Token { get; } = new(
        ["""{"token":"abc.def-_","access_token":"x","expires_in":300}"""u8.ToArray(), """{"access_token":"x"}"""u8.ToArray()],
        RegistryToken.MaxBytes,
        bytes =>
        {
            using var response = new HttpResponseMessage(HttpStatusCode.OK);
            var request = new SourceRequest("a token", Page, new SourceHosts("hub.test", []));
            var token = RegistryToken.Parse(request, new SourceDocument(HttpStatusCode.OK, "application/json", response.Headers, bytes, Page));
            Require(token is null || token.All(c => c is > ' ' and <= '~'), "it would forge a header");
            return token is not null;
        },
        typeof(ModelCacheException))
    { Words = ["a b", "a\r\nX: y", "é", "token"] };

    public static FuzzTarget HubTree { get; } = new(
        [
            Encoding.UTF8.GetBytes(
                $$"""
                [{"type":"directory","oid":"{{new string('a', 40)}}","size":0,"path":"onnx"},
                {"type":"file","oid":"{{new string('b', 40)}}","size":10,"path":"config.json"},
                {"type":"file","oid":"{{new string('c', 40)}}","size":99,"lfs":{"oid":"{{First}}","size":99,"pointerSize":134},"path":"onnx/model.onnx"}]
                """),
        ],
        HubRepository.PageLimit,
        bytes =>
        {
            var tree = new HubTree("a/b");
            tree.Add(bytes);
            foreach (var file in tree.Files)
            {
                RequireSafePath(file.Path);
                Require(file.Size >= 0 && (Sha256Hex.IsValid(file.Sha256) || HubCommit.IsValid(file.BlobId)), "a file cannot be proven");
            }

            return tree.Files.Count > 0;
        },
        typeof(ModelCacheException))
    { Words = [First, new string('d', 40), "file", "directory", "../x", "config.json", "onnx/model.onnx"] };

    public static FuzzTarget HubRevision { get; } = new(
        [Encoding.UTF8.GetBytes($$"""{"id":"a/b","sha":"{{new string('a', 40)}}","siblings":[{"rfilename":"x"}],"cardData":{"tags":["t",{"n":1}] } }""")],
        HubRepository.RevisionLimit,
        bytes => HubJson.ParseRevision(bytes) is { Sha: not null },
        typeof(JsonException))
    { Words = [new string('b', 40), "sha", "../x"] };

    public static FuzzTarget HubModules { get; } = new(
        [Encoding.UTF8.GetBytes(Sources.HuggingFace.HubTrees.BgeM3Modules)],
        HuggingFaceSource.ModulesLimit,
        bytes =>
        {
            var modules = HubModule.Parse("a/b", bytes);
            Require(modules.Count > 0, "it has no modules");
            foreach (var module in modules)
            {
                _ = (module.IsPooling, module.NeedsWeights, module.CodeFile, module.Join("config.json"));
            }

            return true;
        },
        typeof(ModelCacheException))
    { Words = ["../x", "/", "sentence_transformers.models.Dense", ".", "a/../b"] };

    public static FuzzTarget HubLink { get; } = new(
        [
            "<https://hub.test/api/models/a/b/tree/0?cursor=abc&limit=1>; rel=\"next\""u8.ToArray(),
            "<https://huggingface.co/x?cursor=1>; rel=\"prev\", </api/x?cursor=2>; title=\"t\"; rel=next"u8.ToArray(),
        ],
        16 << 10,
        bytes =>
        {
            using var response = new HttpResponseMessage(HttpStatusCode.OK);
            response.Headers.TryAddWithoutValidation("Link", Encoding.UTF8.GetString(bytes));
            if (HubRepository.FindNext(response.Headers) is not { } link || new HubEndpoint("https://hub.test/base", []).NextPage(Page, link) is not { } next)
            {
                return false;
            }

            Require(next.GetLeftPart(UriPartial.Path) == Page.GetLeftPart(UriPartial.Path) && next.UserInfo.Length == 0, $"it leads to {next}");
            return true;
        })
    { IsJson = false, Words = ["rel=\"next\"", "rel=next", "<", ">", "; ", "https://evil.test/?c=1", "https://user@hub.test/?a", "?cursor=3", "//evil.test/?a"] };
}
