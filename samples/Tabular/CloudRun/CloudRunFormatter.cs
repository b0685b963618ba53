using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Tabular;

/// <summary>
/// One JSON object per line, as Cloud Logging reads it from standard output
/// (https://cloud.google.com/logging/docs/structured-logging): severity, message, time and trace, and each value of the message as a field of
/// its own with its own type, so that <c>jsonPayload.cache_hit=false</c> is a filter.
/// </summary>
internal sealed class CloudRunFormatter(TimeProvider time, IConfiguration configuration) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "cloud-run";

    private const string Template = "{OriginalFormat}";

    // Read by people too: only what JSON demands is escaped.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Fields with a meaning; a value of a message never takes their place.
    private static readonly HashSet<string> Reserved = ["severity", "message", "time", "event", "stack_trace"];

    private readonly string? _project = configuration["GOOGLE_CLOUD_PROJECT"];

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message is null && logEntry.Exception is null)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("severity", Severity(logEntry.LogLevel));
            writer.WriteString("message", message);
            writer.WriteString("time", time.GetUtcNow());
            if (logEntry.EventId.Name is { } name)
            {
                writer.WriteString("event", name);
            }

            WriteValues(writer, logEntry.State as IEnumerable<KeyValuePair<string, object?>> ?? []);
            if (logEntry.Exception is { } exception)
            {
                // The field in which Error Reporting looks for it.
                writer.WriteString("stack_trace", exception.ToString());
            }

            WriteTrace(writer);
            writer.WriteStartObject("logging.googleapis.com/labels");
            writer.WriteString("category", logEntry.Category);
            writer.WriteString("event_id", logEntry.EventId.Id.ToString(CultureInfo.InvariantCulture));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteValues(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> values)
    {
        var written = new HashSet<string>(Reserved, StringComparer.Ordinal);
        foreach (var (key, value) in values)
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(key);
            if (key == Template || !written.Add(name))
            {
                continue;
            }

            switch (value)
            {
                case bool flag:
                    writer.WriteBoolean(name, flag);
                    break;
                case sbyte or byte or short or ushort or int or uint or long:
                    writer.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                    break;
                case double number when double.IsFinite(number):
                    writer.WriteNumber(name, number);
                    break;
                default:
                    writer.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                    break;
            }
        }
    }

    private void WriteTrace(Utf8JsonWriter writer)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            // Without the project the line is kept, but not shown with its request.
            var trace = activity.TraceId.ToHexString();
            writer.WriteString("logging.googleapis.com/trace", string.IsNullOrEmpty(_project) ? trace : $"projects/{_project}/traces/{trace}");
            writer.WriteString("logging.googleapis.com/spanId", activity.SpanId.ToHexString());
            writer.WriteBoolean("logging.googleapis.com/trace_sampled", activity.Recorded);
        }
    }

    private static string Severity(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        LogLevel.Critical => "CRITICAL",
        _ => "DEFAULT",
    };
}
