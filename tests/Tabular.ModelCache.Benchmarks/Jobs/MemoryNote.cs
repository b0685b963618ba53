using System.Globalization;
using Tabular.ModelCache.Benchmarks.Recordings;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>Says what the phases of a run allocated.</summary>
internal static class MemoryNote
{
    private const double Mebibyte = 1 << 20;

    public static string Describe(Recording recording)
    {
        var spans = recording.Spans.Where(span => !span.Name.StartsWith("System.", StringComparison.Ordinal)).ToArray();
        var phases = spans.Select(span => Format($"{span.Name}: {Megabytes(span.Costs.AllocatedBytes)} allocated, peak then {Megabytes(span.Costs.PeakBytes)}"));
        return Format($"{Megabytes(recording.Total.AllocatedBytes)} allocated in all{string.Concat(phases.Select(phase => "; " + phase))}");
    }

    private static string Megabytes(long bytes) => Format($"{bytes / Mebibyte:0.0} MiB");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
