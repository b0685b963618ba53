using System.Globalization;
using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>How the Hub describes models and files.</summary>
internal static class HubJson
{
    private const string Date = "2026-01-01T00:00:00.000Z";

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static async Task<JsonObject> DescribeAsync(HubRepository repository, HubCommit commit, bool withBlobs)
    {
        var siblings = new JsonArray();
        foreach (var file in commit.Files)
        {
            var sibling = new JsonObject { ["rfilename"] = file.Path };
            if (withBlobs)
            {
                var (pointer, lfs) = await LinkAsync(file, "sha256").ConfigureAwait(false);
                sibling["size"] = file.Size;
                sibling["blobId"] = pointer;
                Add(sibling, lfs);
            }

            siblings.Add((JsonNode)sibling);
        }

        return new JsonObject
        {
            ["_id"] = commit.FolderId("")[..24],
            ["id"] = repository.Id,
            ["modelId"] = repository.Id,
            ["sha"] = commit.Id,
            ["lastModified"] = Date,
            ["private"] = repository.Access == HubAccess.Private,
            ["gated"] = repository.Access == HubAccess.Gated ? "auto" : false,
            ["disabled"] = false,
            ["tags"] = new JsonArray(),
            ["siblings"] = siblings,
        };
    }

    public static async Task<JsonObject> DescribeAsync(HubCommit commit, string path, GeneratedFile? file, bool expand)
    {
        var entry = new JsonObject { ["type"] = file is null ? "directory" : "file", ["path"] = path, ["size"] = file?.Size ?? 0 };
        if (file is null)
        {
            entry["oid"] = commit.FolderId(path);
        }
        else
        {
            var (pointer, lfs) = await LinkAsync(file, "oid").ConfigureAwait(false);
            entry["oid"] = pointer;
            Add(entry, lfs);
        }

        if (expand)
        {
            entry["lastCommit"] = new JsonObject { ["id"] = commit.Id, ["title"] = "Upload", ["date"] = Date };
        }

        return entry;
    }

    /// <summary>In LFS, Git holds a small pointer, and its blob id is that of the pointer.</summary>
    private static async Task<(string BlobId, JsonObject? Lfs)> LinkAsync(GeneratedFile file, string digestName)
    {
        if (!file.IsLfs)
        {
            return (await file.Content.GetGitBlobSha1Async().ConfigureAwait(false), null);
        }

        var sha256 = await file.Content.GetSha256Async().ConfigureAwait(false);
        var pointer = GeneratedContent.FromText($"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {Text(file.Size)}\n");
        var lfs = new JsonObject { [digestName] = sha256, ["size"] = file.Size, ["pointerSize"] = pointer.Size };
        return (await pointer.GetGitBlobSha1Async().ConfigureAwait(false), lfs);
    }

    private static void Add(JsonObject target, JsonObject? lfs)
    {
        if (lfs is not null)
        {
            target["lfs"] = lfs;
        }
    }
}
