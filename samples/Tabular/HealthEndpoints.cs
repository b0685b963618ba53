using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tabular.Children;
using Tabular.ModelCache;

namespace Tabular;

/// <summary>
/// <c>/healthz</c>, which is 503 until the gate is open and while a required child is down, and <c>/livez</c>, which only says that the
/// process answers.
/// </summary>
internal static class HealthEndpoints
{
    // As the library writes its own: the body is JSON and never part of a page.
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/healthz", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ModelCacheDiagnostics.ReadyTag),
            ResponseWriter = async (http, report) =>
            {
                http.Response.ContentType = ModelCacheHealthJson.ContentType;
                using var body = new MemoryStream();
                await ModelCacheHealthJson.WriteAsync(body, report, http.RequestAborted);
                await http.Response.WriteAsync(AddChildren(body.ToArray(), report), http.RequestAborted);
            },
        });

        // A restart cures no model: liveness asks nothing of the cache.
        app.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = _ => false });
    }

    /// <summary>The library's JSON with <c>children</c>: the data of their checks, which this app knows to be fit to be shown.</summary>
    private static string AddChildren(byte[] json, HealthReport report)
    {
        var body = JsonNode.Parse(json)!.AsObject();
        var children = new JsonObject();
        foreach (var (name, entry) in report.Entries.Where(e => e.Key.StartsWith(ChildHealthCheck.NamePrefix, StringComparison.Ordinal)))
        {
            children[name[ChildHealthCheck.NamePrefix.Length..]] = JsonSerializer.SerializeToNode(entry.Data);
        }

        if (children.Count > 0)
        {
            body["children"] = children;
        }

        return body.ToJsonString(Relaxed);
    }
}
