using System.Diagnostics;
using System.Numerics;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Testing;

/// <summary>
/// Controls a model cache that runs in a test as it does in production, over a store in memory, generated models and a temporary folder.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="FakeModelCacheExtensions.AddFakeModelCache"/> adds it. All configured models are published when the host is built, so that
/// the first request finds the gate open, unless <see cref="Hold"/>, <see cref="HoldPull"/>, <see cref="Lag"/>, <see cref="Fail"/>,
/// <see cref="MakeStale"/> or <see cref="FallBack"/> say otherwise. The methods that end in <c>Async</c> are for a host that runs; when
/// they return, the instance has noticed.
/// </para>
/// <para>
/// The library runs by the system's clock, and ahead of it by what <see cref="Advance"/> lets pass; the <see cref="TimeProvider"/> of the
/// app is left alone. Instances are safe for concurrent use, and share nothing.
/// </para>
/// </remarks>
[DebuggerDisplay("{Status.State}: {Status.Reason}")]
public sealed partial class FakeModelCache
{
    // Only what is broken takes longer: everything lies in memory.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);

    // The longest pause of a start that waits for its mount.
    private static readonly TimeSpan LongestLagPause = TimeSpan.FromSeconds(2);

    // What is woken by an advance works inside it, as a rule; one that came between two waits needs another, a little later. More than five
    // would run into deadlines.
    private const int LastAdvance = 16;

    private readonly ModelCacheOptions _options;
    private readonly IReadOnlyList<WantedModel> _models;
    private readonly FakeClock _clock;
    private readonly ModelCacheStatusHolder _holder;
    private readonly FakeRecorder _recorder;
    private readonly OtherInstance _others;
    private readonly HashSet<string> _stale = new(StringComparer.Ordinal);
    private readonly HashSet<string> _fallingBack = new(StringComparer.Ordinal);
    private readonly bool _isPublished;

    internal FakeModelCache(
        ModelCacheOptions options,
        FakeClock clock,
        FakeFolder folder,
        ModelCacheStatusHolder holder,
        FakeRecorder recorder,
        IEnumerable<Action<FakeModelCache>> configure,
        IServiceProvider services)
    {
        _options = options;
        _models = WantedModel.From(options);
        _clock = clock;
        _holder = holder;
        _recorder = recorder;
        var storeClock = new FakeStoreClock(clock);
        var store = new InMemoryObjectStore(storeClock);
        var upstream = new FakeUpstream();
        _others = new OtherInstance(store, upstream, options, clock, services);
        Store = new FaultInjectingObjectStore(store);
        Source = new FakeSource(upstream, recorder);
        Mount = new FakeMount(store, folder.Path);
        foreach (var action in configure)
        {
            action(this);
        }

        Publish(storeClock, upstream);
        _isPublished = true;
    }

    /// <summary>Gets where the instance stands; the same as <see cref="IModelCache.Status"/>.</summary>
    public ModelCacheStatus Status => _holder.Current;

    /// <summary>Gets the exit code that the process would have got; <see cref="Environment.ExitCode"/> is left alone.</summary>
    /// <value><see cref="ModelCacheExitCodes.Failed"/> after a failed start; <see langword="null"/> when none was set.</value>
    public int? ExitCode => _recorder.ExitCode;

    /// <summary>Gets the clock of the library.</summary>
    public TimeProvider TimeProvider => _clock;

    /// <summary>Gets the store of the instance: its requests, and a place for faults of any kind.</summary>
    public FaultInjectingObjectStore Store { get; }

    internal FakeSource Source { get; }

    internal FakeMount Mount { get; }

    /// <summary>Lets time pass for the library, at once; what becomes due in it is done in its order.</summary>
    /// <param name="time">How much; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="time"/> is negative.</exception>
    public void Advance(TimeSpan time) => _clock.Advance(time);

    /// <summary>Waits until the status meets a condition; no time passes for it but the system's.</summary>
    /// <param name="condition">The condition; it is called for the present status and for newer ones.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The first status that meets it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="condition"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The host has stopped.</exception>
    /// <exception cref="TimeoutException">It was not met within 30 seconds; the message has the status.</exception>
    public async Task<ModelCacheStatus> WaitForAsync(Func<ModelCacheStatus, bool> condition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = Status;
            if (condition(status))
            {
                return status;
            }

            if (_holder.IsStopped)
            {
                throw new InvalidOperationException($"The host has stopped, so that the status will not change any more; it is {status.State}.");
            }

            var left = Patience - TimeProvider.System.GetElapsedTime(began);
            try
            {
                await _holder.WaitForChangeAsync(status).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException e)
            {
                throw NotReached("A status that meets the condition was expected", e);
            }
        }
    }

    /// <summary>Gets what has happened so far.</summary>
    /// <param name="clear">Whether to forget it.</param>
    /// <returns>A copy.</returns>
    public FakeModelCacheSnapshot GetSnapshot(bool clear = false) => _recorder.GetSnapshot(Store.GetSnapshot(clear), clear);

    internal async Task SettleAsync(CancellationToken cancellationToken) => await WaitForAsync(IsSettled, cancellationToken).ConfigureAwait(false);

    private bool IsSettled(ModelCacheStatus status) =>
        status.IsReady || status.State == ModelCacheState.Failed || status.State switch
        {
            ModelCacheState.CheckingMount => Mount.Hold.IsHeld,
            ModelCacheState.AcquiringLease => status.Models.Any(m => _others.HoldsLease(m.Name)),
            ModelCacheState.Pulling => Source.Hold.IsHeld,
            ModelCacheState.WaitingForMount => Mount.IsLagging,
            _ => false,
        };

    /// <summary>Lets time pass until something is so: a few times at the most, and then only the system's.</summary>
    private async Task PassUntilAsync(TimeSpan step, Func<bool> isReached, string expected, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var look = 1; ; look++)
        {
            if (look <= LastAdvance && BitOperations.IsPow2(look))
            {
                _clock.Advance(step);
            }

            if (isReached())
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(began) >= Patience)
            {
                throw NotReached(expected, null);
            }

            await Task.Delay(BetweenLooks * Math.Min(look, 10), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeoutException NotReached(string expected, Exception? cause) => new(
        $"{expected} within {Patience.TotalSeconds:0} s; the fake model cache is {Status.State}{(Status.Reason is { } reason ? $": {reason}" : ".")}", cause);

    private WantedModel Find(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return _models.FirstOrDefault(m => string.Equals(m.Name, model, StringComparison.OrdinalIgnoreCase)) ??
            throw new ArgumentException($"No model named '{model}' is configured; configured are {string.Join(", ", _models.Select(m => m.Name))}.", nameof(model));
    }
}
