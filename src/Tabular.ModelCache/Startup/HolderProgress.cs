using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Publishing;

namespace Tabular.ModelCache.Startup;

/// <summary>
/// Passes the progress of a pull to the status, ten times a second and at every hundredth of the whole, to the log every few seconds, and to
/// the metrics at once, so that a pull that fails has counted what it read.
/// </summary>
internal sealed class HolderProgress(
    string model, ModelCacheStatusHolder holder, ModelCacheMetrics metrics, TimeProvider clock, ILogger logger) : IPublishProgress
{
    private static readonly TimeSpan BetweenReports = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private long _reportedAt = clock.GetTimestamp();
    private long _reported;
    private long _loggedAt = clock.GetTimestamp();

    /// <summary>Gets whether any byte came from the source: then this instance has downloaded, whatever became of it.</summary>
    public bool HasPulled { get; private set; }

    public void Enter(ModelCacheState state, string reason) => holder.EnterModel(model, state, reason);

    public void Pulled(long bytes)
    {
        metrics.RecordPulledBytes(model, bytes);
        if (!HasPulled)
        {
            HasPulled = true;
            holder.MarkPulled(model);
        }
    }

    public void Report(long bytes, long total)
    {
        bool log;
        lock (_gate)
        {
            var now = clock.GetTimestamp();

            // By the hundredth too: when the source stalls, nothing else would tell of what came right before.
            if (bytes > 0 && bytes < total && clock.GetElapsedTime(_reportedAt, now) < BetweenReports && Math.Abs(bytes - _reported) < total / 100)
            {
                return;
            }

            (_reportedAt, _reported) = (now, bytes);
            log = clock.GetElapsedTime(_loggedAt, now) >= BetweenLines;
            if (log)
            {
                _loggedAt = now;
            }
        }

        holder.ReportProgress(model, bytes, total);
        if (log && holder.Current.Models.FirstOrDefault(m => m.Name == model)?.Progress is { } progress)
        {
            StartupLog.Progress(
                logger, model, progress.Bytes, progress.TotalBytes, (long)progress.BytesPerSecond, (long)(progress.TimeLeft?.TotalSeconds ?? 0));
        }
    }
}
