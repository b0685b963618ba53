using System.Globalization;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Testing;

/// <content>How the start goes.</content>
public sealed partial class FakeModelCache
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>
    /// Keeps the gate closed: the start waits at the check of its mount, in <see cref="ModelCacheState.CheckingMount"/>, until
    /// <see cref="ReleaseAsync"/>.
    /// </summary>
    /// <returns>This fake.</returns>
    public FakeModelCache Hold()
    {
        Mount.Hold.Hold();
        return this;
    }

    /// <summary>
    /// Lets a pull wait, in <see cref="ModelCacheState.Pulling"/> and with its lease held, before it reads from its source, until
    /// <see cref="ReleaseAsync"/>.
    /// </summary>
    /// <returns>This fake.</returns>
    public FakeModelCache HoldPull()
    {
        Source.Hold.Hold();
        return this;
    }

    /// <summary>
    /// Freezes the mount: it shows what the store has now, at registration nothing, until <see cref="ReleaseAsync"/>. A start waits in
    /// <see cref="ModelCacheState.WaitingForMount"/>, and fails when <see cref="MountOptions.LagTimeout"/> has passed.
    /// </summary>
    /// <returns>This fake.</returns>
    public FakeModelCache Lag()
    {
        Mount.Lag();
        return this;
    }

    /// <summary>Lets the start fail at the check of its mount: at once, or when <see cref="Hold"/> is released.</summary>
    /// <param name="reason">The reason, in one line, as status, health and log tell it.</param>
    /// <returns>This fake.</returns>
    /// <remarks>
    /// The host stays up, whatever <see cref="ModelCacheOptions.FailureBehavior"/> says; <see cref="ExitCode"/> has what the process would
    /// have ended with.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">The gate is open; see <see cref="BreakMountAsync"/>.</exception>
    public FakeModelCache Fail(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (Status.IsReady)
        {
            throw new InvalidOperationException("The gate is open, so that the start cannot fail any more; BreakMountAsync turns health red.");
        }

        Mount.Failure = reason;
        return this;
    }

    /// <summary>Publishes nothing of a model, so that the start pulls it under its lease: <c>cache_hit=false</c>. At registration only.</summary>
    /// <param name="model">The configured name; <see langword="null"/> takes all.</param>
    /// <returns>This fake.</returns>
    /// <exception cref="ArgumentException">No model of that name is configured.</exception>
    /// <exception cref="InvalidOperationException">The models were published when the host was built.</exception>
    public FakeModelCache MakeStale(string? model = null) => Mark(_stale, model, nameof(MakeStale));

    /// <summary>
    /// Publishes two versions of a model, and damages the newer one: the start serves the older one, in <see cref="ModelCacheState.Degraded"/>.
    /// At registration only.
    /// </summary>
    /// <param name="model">The configured name; <see langword="null"/> takes all.</param>
    /// <returns>This fake.</returns>
    /// <exception cref="ArgumentException">No model of that name is configured.</exception>
    /// <exception cref="InvalidOperationException">
    /// The models were published when the host was built, or <see cref="ModelCacheOptions.FallbackToPreviousVersion"/> is <see langword="false"/>.
    /// </exception>
    public FakeModelCache FallBack(string? model = null) => _options.FallbackToPreviousVersion
        ? Mark(_fallingBack, model, nameof(FallBack))
        : throw new InvalidOperationException("ModelCache:FallbackToPreviousVersion is false, so that a start never falls back; set it, or use Fail.");

    /// <summary>Ends <see cref="Hold"/>, <see cref="HoldPull"/> and <see cref="Lag"/>.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the start.</param>
    /// <returns>A task that ends when the start is over; at once when the host does not run.</returns>
    /// <exception cref="TimeoutException">The start was not over within 30 seconds; the message has the status.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken = default)
    {
        var isLagging = Mount.IsLagging;
        Mount.CatchUp();
        Mount.Hold.Release();
        Source.Hold.Release();
        if (isLagging)
        {
            _clock.Advance(LongestLagPause);
        }

        if (Status.State != ModelCacheState.Starting)
        {
            await SettleAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private FakeModelCache Mark(HashSet<string> models, string? model, string method)
    {
        if (_isPublished)
        {
            throw new InvalidOperationException($"The models were published when the host was built; call {method} in AddFakeModelCache(fake => fake.{method}()).");
        }

        models.UnionWith(model is null ? _models.Select(m => m.Name) : [Find(model).Name]);
        return this;
    }

    private void Publish(FakeStoreClock storeClock, FakeUpstream upstream)
    {
        foreach (var model in _models.Where(m => !_stale.Contains(m.Name)))
        {
            var date = DateOf(model);
            var older = _fallingBack.Contains(model.Name);
            if (older)
            {
                Publish(date - Day);
                upstream.MoveOn(model.Name);
            }

            var version = Publish(date);
            if (older)
            {
                Complete.Now(_others.DamageAsync(version));
            }

            ManifestVersion Publish(DateTimeOffset at)
            {
                storeClock.Override = at;
                return Complete.Now(_others.PublishAsync(model));
            }
        }

        storeClock.Override = null;
    }

    /// <summary>A pinned version names its day.</summary>
    private DateTimeOffset DateOf(WantedModel model) => model.Version is { } version
        ? DateTimeOffset.ParseExact(version[(model.Name.Length + 1)..], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
        : _clock.GetUtcNow();
}
