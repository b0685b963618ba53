using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>Lists the files of a commit in pages, each with a link to the next.</summary>
internal static class HubTree
{
    public static async Task<RegistryReply> ListAsync(RegistryCall call, HubCommit commit, int pageSize)
    {
        var route = call.Route;
        if (commit.List(route.File!, route.IsSet("recursive")) is not { } entries)
        {
            return HubErrors.NoEntry(route);
        }

        if (!TryReadCursor(route.Query("cursor"), entries.Count, out var start))
        {
            return HubErrors.BadRequest("Invalid cursor");
        }

        var limit = int.TryParse(route.Query("limit"), CultureInfo.InvariantCulture, out var asked) && asked > 0 ? Math.Min(asked, pageSize) : pageSize;
        var expand = route.IsSet("expand");
        var end = Math.Min(entries.Count, start + limit);
        var page = new JsonArray();
        foreach (var (path, file) in entries[start..end])
        {
            page.Add((JsonNode)await HubJson.DescribeAsync(commit, path, file, expand).ConfigureAwait(false));
        }

        var reply = RegistryReply.Json(200, page);
        return end == entries.Count ? reply : reply.With("Link", $"<{NextAddress(call, limit, end)}>; rel=\"next\"");
    }

    private static string NextAddress(RegistryCall call, int limit, int end)
    {
        var route = call.Route;
        var cursor = Uri.EscapeDataString(Convert.ToBase64String(Encoding.ASCII.GetBytes($"from:{HubJson.Text(end)}")));
        return $"{call.Origin}{route.Path}?recursive={route.IsSet("recursive")}&expand={route.IsSet("expand")}"
            + $"&limit={HubJson.Text(limit)}&cursor={cursor}";
    }

    private static bool TryReadCursor(string? cursor, int count, out int start)
    {
        start = 0;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        var bytes = new byte[cursor.Length];
        return Convert.TryFromBase64String(cursor, bytes, out var length)
            && Encoding.ASCII.GetString(bytes, 0, length) is ['f', 'r', 'o', 'm', ':', .. var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out start)
            && start <= count;
    }
}
