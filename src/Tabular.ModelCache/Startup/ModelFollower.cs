using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Startup;

/// <summary>
/// Brings one model that is served to the version that is wanted now, beside the monitor and the other models. The newest observation
/// counts: what is under way for an older one is dropped.
/// </summary>
internal sealed class ModelFollower(WantedModel model, UpdateSwitch updates)
{
    // Pauses double. What is refused now may be shown by the mount later, or be published again, but to look costs reading; a mount or a
    // store that fails is expected back soon.
    private static readonly TimeSpan LongestAfterRefusal = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestAfterFailure = TimeSpan.FromMinutes(5);

    // Settled until the next observation; a timer needs an end.
    private static readonly TimeSpan Settled = TimeSpan.FromDays(1);

    private Observation _seen = new(null);

    /// <summary>Takes note of what is wanted; called by one thread at a time.</summary>
    /// <param name="wanted">The version; <see langword="null"/> when the manifest has none that satisfies the configuration.</param>
    public void Observe(ManifestVersion? wanted)
    {
        var last = _seen;
        if (last.Wanted is { } before && wanted is not null ? ManifestVersion.SameContent(before, wanted) : ReferenceEquals(last.Wanted, wanted))
        {
            return;
        }

        Volatile.Write(ref _seen, new Observation(wanted));
        last.Superseded.Cancel();
    }

    /// <summary>Follows until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ManifestVersion? reported = null;
        Observation? last = null;
        var pause = TimeSpan.Zero;
        while (true)
        {
            var seen = Volatile.Read(ref _seen);
            pause = ReferenceEquals(seen, last) ? pause * 2 : updates.FirstPause;
            last = seen;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(seen.Superseded.Token, cancellationToken);
            try
            {
                var (isSettled, refused) = await updates.TryAsync(model, seen.Wanted, reported, either.Token).ConfigureAwait(false);
                reported = isSettled ? null : refused ?? reported;
                var longest = refused is null ? LongestAfterFailure : LongestAfterRefusal;
                pause = isSettled ? Settled : pause < longest ? pause : longest;
                await InlineWait.DelayAsync(pause, updates.Clock, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Something else is wanted by now.
            }
        }
    }

    // The source has no timer and no link, so that nothing is held by not disposing of it; a loop that links to it late must be able to.
    private sealed record Observation(ManifestVersion? Wanted)
    {
        public CancellationTokenSource Superseded { get; } = new();
    }
}
