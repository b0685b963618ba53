using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Startup;

/// <summary>Verifies a version, and waits for what the mount does not show yet; never for what is there and wrong.</summary>
internal sealed class VersionWaiter(
    IOptions<ModelCacheOptions> options,
    ModelCacheStatusHolder holder,
    VersionVerifier verifier,
    MountDiagnosis diagnosis,
    ModelCacheMetrics metrics,
    ModelCacheActivities activities,
    ModelCacheClock clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // Rare enough that a fleet that waits for its mounts does not crowd the manifest.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    /// <summary>Verifies until it succeeds, fails, or patience ends.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version to verify.</param>
    /// <param name="patience">How long to wait for what is missing.</param>
    /// <param name="isSuperseded">Tells whether another version is wanted by now, which ends the wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="isShown">Whether the status tells the steps; not of a model that is served meanwhile.</param>
    /// <returns><see langword="null"/> when it is verified; otherwise why it cannot be served.</returns>
    public async Task<string?> WaitAsync(
        WantedModel model,
        ManifestVersion version,
        TimeSpan patience,
        Func<CancellationToken, Task<bool>> isSuperseded,
        CancellationToken cancellationToken,
        bool isShown = true)
    {
        var lookedAt = clock.Time.GetTimestamp();
        var began = clock.Time.GetTimestamp();
        var level = options.Value.Verification!.Value;
        var activity = activities.Begin(ModelCacheActivities.Verify, model.Name)
            ?.SetTag(ModelCacheMetrics.VersionTag, version.Version).SetTag(ModelCacheActivities.LevelTag, level.ToString());
        Exception? error = null;
        try
        {
            var pause = FirstPause;
            while (true)
            {
                Enter(ModelCacheState.Verifying, $"verifying {version.Path} at the level {level}");
                var result = await verifier.VerifyAsync(version, level, isShown ? Report : null, cancellationToken).ConfigureAwait(false);
                if (result.Problem is { } problem)
                {
                    error = new ModelCacheException(problem);
                    return problem;
                }

                if (result.Missing is not { } missing)
                {
                    return null;
                }

                var isOld = false;
                if (clock.Time.GetElapsedTime(lookedAt) >= BetweenLooks)
                {
                    lookedAt = clock.Time.GetTimestamp();
                    isOld = await isSuperseded(cancellationToken).ConfigureAwait(false);
                }

                if (isOld || clock.Time.GetElapsedTime(began) >= patience)
                {
                    var waited = clock.Time.GetElapsedTime(began);
                    var cure = result.IsMissingOnMount ? await diagnosis.ExplainAsync(result.IsMissingFolder, cancellationToken).ConfigureAwait(false) : null;
                    var awaited = FormattableString.Invariant(
                        $"The version {version.Version} of the model '{model.Name}' is not complete: waited {waited.TotalSeconds:0.#} s for ") +
                        $"{missing}; {cure ?? "publish it again with the sync job, or roll back"}.";
                    error = new ModelCacheException(awaited);
                    return awaited;
                }

                Enter(ModelCacheState.WaitingForMount, $"waiting for {missing}");
                var rest = patience - clock.Time.GetElapsedTime(began);
                await InlineWait.DelayAsync(pause < rest ? pause : Max(rest, FirstPause), clock.Time, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            ModelCacheActivities.End(activity, error);
            metrics.RecordVerify(model.Name, clock.Time.GetElapsedTime(began), error);
        }

        void Report(long bytes, long total) => holder.ReportProgress(model.Name, bytes, total);

        void Enter(ModelCacheState state, string reason)
        {
            if (isShown)
            {
                holder.EnterModel(model.Name, state, reason, version.Version);
            }
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
