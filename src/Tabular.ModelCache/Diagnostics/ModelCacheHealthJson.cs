using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tabular.ModelCache;

/// <summary>Writes a health report as JSON, for the <c>ResponseWriter</c> of <c>MapHealthChecks</c>.</summary>
/// <remarks>
/// The body has <c>status</c>, and of the model cache <c>state</c>, <c>cache_hit</c>, <c>outcome</c>, <c>reason</c>, <c>progress</c> and
/// <c>models</c>, each only while it is known; other checks of the report are in <c>checks</c> by name, with their status alone, because
/// nobody has promised that their texts are fit to be shown. <c>reason</c> may name paths and addresses of this deployment.
/// </remarks>
/// <example>
/// <code>
/// app.MapHealthChecks("/healthz", new HealthCheckOptions
/// {
///     ResponseWriter = (http, report) => ModelCacheHealthJson.WriteAsync(http.Response.Body, report, http.RequestAborted),
/// });
/// </code>
/// </example>
public static class ModelCacheHealthJson
{
    /// <summary>The media type of the body.</summary>
    public const string ContentType = "application/json; charset=utf-8";

    private static readonly string[] InstanceKeys = ["state", "cache_hit", "outcome", "reason"];
    private static readonly string[] ModelKeys = ["model", "state", "version", "cache_hit", "outcome", "reason"];
    private static readonly string[] ProgressKeys = ["bytes", "total_bytes", "bytes_per_second"];

    // Reasons are read by people: paths and quotes stay as they are. The body is JSON and never part of a page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a report as one JSON object in UTF-8.</summary>
    /// <param name="stream">Where it goes, such as the body of a response; it stays open.</param>
    /// <param name="report">The report, with or without the check <see cref="ModelCacheDiagnostics.HealthCheckName"/>.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> or <paramref name="report"/> is <see langword="null"/>.</exception>
    public static async Task WriteAsync(Stream stream, HealthReport report, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(report);
        var buffer = new ArrayBufferWriter<byte>();
        var json = new Utf8JsonWriter(buffer, Options);
        await using (json.ConfigureAwait(false))
        {
            Write(json, report);
        }

        await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, HealthReport report)
    {
        json.WriteStartObject();
        json.WriteString("status", report.Status.ToString());
        if (report.Entries.TryGetValue(ModelCacheDiagnostics.HealthCheckName, out var entry))
        {
            WriteMembers(json, entry.Data, InstanceKeys);
            if (entry.Data.TryGetValue("models", out var models))
            {
                json.WriteStartArray("models");
                foreach (var model in (IEnumerable<IReadOnlyDictionary<string, object>>)models)
                {
                    json.WriteStartObject();
                    WriteMembers(json, model, ModelKeys);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }
        }

        var others = report.Entries.Where(e => e.Key != ModelCacheDiagnostics.HealthCheckName).ToList();
        if (others.Count > 0)
        {
            json.WriteStartObject("checks");
            foreach (var (name, other) in others)
            {
                json.WriteString(name, other.Status.ToString());
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, IReadOnlyDictionary<string, object> data, string[] keys)
    {
        foreach (var key in keys)
        {
            switch (data.GetValueOrDefault(key))
            {
                case bool value:
                    json.WriteBoolean(key, value);
                    break;
                case long value:
                    json.WriteNumber(key, value);
                    break;
                case string value:
                    json.WriteString(key, value);
                    break;
            }
        }

        if (data.GetValueOrDefault("progress") is IReadOnlyDictionary<string, object> progress)
        {
            json.WriteStartObject("progress");
            WriteMembers(json, progress, ProgressKeys);
            json.WriteEndObject();
        }
    }
}
