using System.Diagnostics;
using System.Globalization;

namespace Tabular;

/// <summary>
/// Takes the trace of a request from <c>traceparent</c>, and where there is none from Google's older header:
/// <c>X-Cloud-Trace-Context: TRACE_ID/SPAN_ID;o=OPTIONS</c>, with a decimal span.
/// </summary>
internal sealed class CloudTracePropagator : DistributedContextPropagator
{
    private const string Header = "X-Cloud-Trace-Context";

    private readonly DistributedContextPropagator _standard = CreateDefaultPropagator();

    public override IReadOnlyCollection<string> Fields => [.. _standard.Fields, Header];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) => _standard.Inject(activity, carrier, setter);

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        _standard.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);
        if (string.IsNullOrEmpty(traceId) && getter is not null)
        {
            getter(carrier, Header, out var value, out _);
            traceId = ToTraceParent(value) ?? traceId;
        }
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        _standard.ExtractBaggage(carrier, getter);

    private static string? ToTraceParent(string? value)
    {
        const int TraceLength = 32;
        var parts = value?.Split('/', ';') ?? [];
        return parts is [{ Length: TraceLength } trace, var span, ..] && trace.All(char.IsAsciiHexDigit)
            && ulong.TryParse(span, NumberStyles.None, CultureInfo.InvariantCulture, out var spanId) && spanId != 0
            ? $"00-{trace.ToLowerInvariant()}-{spanId:x16}-{(parts[^1] == "o=1" ? "01" : "00")}"
            : null;
    }
}
