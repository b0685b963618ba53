using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Recordings;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>A run whose memory is measured, with what its phases allocated as the note; its time is not what it would be without that.</summary>
internal static class RecordedRun
{
    public static async Task<Measurement> MeasureAsync(Lab lab, Command command, CancellationToken cancellationToken)
    {
        var path = lab.Path(lab.NextName());
        var (measurement, _) = await lab.MeasureAsync(Recording.Of(command, path), cancellationToken);
        return measurement with { Note = MemoryNote.Describe(await Recording.ReadAsync(path, cancellationToken)) };
    }
}
