using System.Net;
using System.Text.Json;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>One answer of <c>/healthz</c>.</summary>
internal sealed record Health(HttpStatusCode Code, JsonElement Body)
{
    public string Status => Body.GetProperty("status").GetString()!;

    public string State => Body.GetProperty("state").GetString()!;

    public string Reason => Body.TryGetProperty("reason", out var reason) ? reason.GetString()! : "";

    public bool? CacheHit => Body.TryGetProperty("cache_hit", out var hit) ? hit.GetBoolean() : null;

    /// <summary>Bytes of the present step that are done; 0 when there is no progress to tell.</summary>
    public long Progress => Body.TryGetProperty("progress", out var progress) ? progress.GetProperty("bytes").GetInt64() : 0;

    public override string ToString() => $"{(int)Code} {Body}";
}
