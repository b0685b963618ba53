using System.Text;
using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Lists objects in pages, with folders where a delimiter is given.</summary>
internal static class ListHandler
{
    private const int MaximumPage = 1000;

    public static async Task<ServerReply> ListAsync(ServerCall call, ServerBucket bucket)
    {
        var answer = new JsonObject { ["kind"] = "storage#objects" };
        if (call.Query("softDeleted") == "true")
        {
            return ServerReply.Ok(answer);
        }

        if (call.Query("matchGlob") is not null)
        {
            return ServerErrors.Invalid("matchGlob is not served here; list by prefix.");
        }

        var items = new JsonArray();
        var prefixes = new JsonArray();
        var page = new Page(call);
        await foreach (var item in bucket.Store.ListAsync(page.Prefix, call.Aborted).ConfigureAwait(false))
        {
            var (folder, name) = page.Place(item.Name);
            if (!page.IsWanted(name))
            {
                continue;
            }

            if (page.IsFull)
            {
                answer["nextPageToken"] = page.Token;
                break;
            }

            page.Take(name);
            if (folder)
            {
                prefixes.Add(name);
            }

            if (!folder || (page.IncludesTrailingDelimiter && name == item.Name))
            {
                items.Add(bucket.Describe(item, call.Origin));
            }
        }

        if (items.Count > 0)
        {
            answer["items"] = items;
        }

        if (prefixes.Count > 0)
        {
            answer["prefixes"] = prefixes;
        }

        return ServerReply.Ok(answer);
    }

    /// <summary>Where a listing stands: names and folders count alike, and a page goes on behind the last of either.</summary>
    private sealed class Page(ServerCall call)
    {
        private readonly string? _delimiter = call.Query("delimiter") is { Length: > 0 } delimiter ? delimiter : null;
        private readonly string? _start = call.Query("startOffset");
        private readonly string? _end = call.Query("endOffset");
        private readonly string? _after = Decode(call.Query("pageToken"));
        private readonly int _size = call.Number("maxResults") is { } size and > 0 ? (int)Math.Min(size, MaximumPage) : MaximumPage;
        private string? _last;
        private int _count;

        public string Prefix { get; } = call.Query("prefix") ?? "";

        public bool IncludesTrailingDelimiter { get; } = call.Query("includeTrailingDelimiter") == "true";

        public bool IsFull => _count == _size;

        public string Token => Convert.ToBase64String(Encoding.UTF8.GetBytes(_last!));

        public (bool IsFolder, string Name) Place(string name)
        {
            var at = _delimiter is null ? -1 : name.IndexOf(_delimiter, Prefix.Length, StringComparison.Ordinal);
            return at < 0 ? (false, name) : (true, name[..(at + _delimiter!.Length)]);
        }

        public bool IsWanted(string name) =>
            name != _last
            && (_after is null || Utf8NameComparer.Instance.Compare(name, _after) > 0)
            && (_start is null || Utf8NameComparer.Instance.Compare(name, _start) >= 0)
            && (_end is null || Utf8NameComparer.Instance.Compare(name, _end) < 0);

        public void Take(string name)
        {
            _last = name;
            _count++;
        }

        private static string? Decode(string? token)
        {
            if (string.IsNullOrEmpty(token))
            {
                return null;
            }

            try
            {
                return Encoding.UTF8.GetString(Convert.FromBase64String(token));
            }
            catch (FormatException)
            {
                throw new FormatException($"Invalid value for pageToken: '{token}'");
            }
        }
    }
}
