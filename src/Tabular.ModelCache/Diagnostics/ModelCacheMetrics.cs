using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Tabular.ModelCache.Publishing;

namespace Tabular.ModelCache.Diagnostics;

/// <summary>The instruments; names, units and attributes are a contract.</summary>
internal sealed class ModelCacheMetrics
{
    public const string CacheHitTag = "cache_hit";
    public const string ModelTag = "tabular.model_cache.model";
    public const string OutcomeTag = "tabular.model_cache.outcome";
    public const string VersionTag = "tabular.model_cache.version";
    public const string ActionTag = "tabular.model_cache.action";
    public const string ErrorTypeTag = "error.type";
    private const string StateTag = "tabular.model_cache.state";

    // The default buckets are made for milliseconds; a start takes from some milliseconds to minutes.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    };

    private static readonly ModelCacheState[] States = Enum.GetValues<ModelCacheState>();

    private readonly Counter<long> _requests;
    private readonly Counter<long> _pulledBytes;
    private readonly Histogram<double> _startupDuration;
    private readonly Histogram<double> _verifyDuration;
    private readonly Histogram<double> _pullDuration;
    private readonly Histogram<double> _leaseWaitDuration;
    private readonly Histogram<double> _probeDuration;
    private readonly ConcurrentDictionary<string, long> _leaseLosses;

    // IMeterFactory owns the meter and disposes it.
    public ModelCacheMetrics(IMeterFactory factory, Startup.ModelCacheStatusHolder status)
    {
        var meter = factory.Create(new MeterOptions(ModelCacheDiagnostics.MeterName) { Version = Version });
        _requests = meter.CreateCounter<long>(
            "tabular.model_cache.requests", "{request}", "Models that an instance needed at its start; cache_hit is false where it had to pull.");
        _pulledBytes = meter.CreateCounter<long>("tabular.model_cache.pulled", "By", "Bytes read from the sources of models.");
        _startupDuration = meter.CreateHistogram(
            "tabular.model_cache.startup.duration", "s", "Time from the start of the host to the open gate, or to the failure.", tags: null, advice: Durations);
        _verifyDuration = meter.CreateHistogram(
            "tabular.model_cache.verify.duration", "s", "Time to verify one model through the mount.", tags: null, advice: Durations);
        _pullDuration = meter.CreateHistogram(
            "tabular.model_cache.pull.duration", "s", "Time to pull and publish one model.", tags: null, advice: Durations);
        _leaseWaitDuration = meter.CreateHistogram(
            "tabular.model_cache.lease.wait.duration", "s", "Time until a lease was acquired, or not needed any more.", tags: null, advice: Durations);

        // Observed, so that it is 0 from the start: a counter that appears with its first 1 is no increase to Prometheus.
        _leaseLosses = new(status.Current.Models.Select(m => KeyValuePair.Create(m.Name, 0L)), StringComparer.Ordinal);
        meter.CreateObservableCounter(
            "tabular.model_cache.lease.losses",
            () => _leaseLosses.Select(l => new Measurement<long>(l.Value, new KeyValuePair<string, object?>(ModelTag, l.Key))),
            "{lease}",
            "Leases that this process lost while it worked under them.");
        _probeDuration = meter.CreateHistogram(
            "tabular.model_cache.mount.probe.duration", "s", "Time of one probe of the mount while the gate is open.", tags: null, advice: Durations);

        // The units count what is in a state, as those of k8s.pod.status.phase do: exporters for Prometheus append "ratio" for the unit 1.
        meter.CreateObservableUpDownCounter(
            "tabular.model_cache.status", () => Observe(status.Current.State), "{instance}", "1 for the present state of the instance, 0 for the others.");
        meter.CreateObservableUpDownCounter(
            "tabular.model_cache.update_available",
            () => status.UpdatesAvailable.Select(u => new Measurement<long>(
                u.Value ? 1 : 0, new KeyValuePair<string, object?>(ModelTag, u.Key))),
            "{model}",
            "1 when the manifest has another active version than the one that this instance serves.");
        meter.CreateObservableUpDownCounter(
            "tabular.model_cache.served",
            () => status.Served.Select(s => new Measurement<long>(
                s.IsServed ? 1 : 0,
                new KeyValuePair<string, object?>(ModelTag, s.Model),
                new KeyValuePair<string, object?>(VersionTag, s.Version))),
            "{model}",
            "1 for the version that this instance serves, 0 for those that it served before.");
    }

    public static string? Version { get; } =
        typeof(ModelCacheMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    public void RecordRequest(string model, CacheOutcome outcome, bool cacheHit) =>
        _requests.Add(
            1,
            new(CacheHitTag, cacheHit),
            new(ModelTag, model),
            new(OutcomeTag, NameOf(outcome)));

    public void RecordPulledBytes(string model, long bytes) => _pulledBytes.Add(bytes, new KeyValuePair<string, object?>(ModelTag, model));

    public void RecordStartup(TimeSpan duration, Exception? error) => Record(_startupDuration, duration, null, error);

    public void RecordVerify(string model, TimeSpan duration, Exception? error) => Record(_verifyDuration, duration, model, error);

    public void RecordPull(string model, TimeSpan duration, PublishAction? action, Exception? error) =>
        Record(_pullDuration, duration, model, error, action);

    public void RecordLeaseWait(string model, TimeSpan duration) => Record(_leaseWaitDuration, duration, model, null);

    public void RecordLeaseLoss(string model) => _leaseLosses.AddOrUpdate(model, 1, static (_, losses) => losses + 1);

    public void RecordProbe(TimeSpan duration, Exception? error) => Record(_probeDuration, duration, null, error);

    public static string NameOf(PublishAction action) => action switch
    {
        PublishAction.Published => "published",
        PublishAction.Adopted => "adopted",
        PublishAction.Activated => "activated",
        PublishAction.Held => "held",
        PublishAction.Healed => "healed",
        _ => "unchanged",
    };

    public static string NameOf(CacheOutcome outcome) => outcome switch
    {
        CacheOutcome.Hit => "hit",
        CacheOutcome.Waited => "waited",
        CacheOutcome.Pulled => "pulled",
        _ => "fallback",
    };

    public static string NameOf(ModelCacheState state) => state switch
    {
        ModelCacheState.Starting => "starting",
        ModelCacheState.CheckingMount => "checking_mount",
        ModelCacheState.ReadingManifest => "reading_manifest",
        ModelCacheState.AcquiringLease => "acquiring_lease",
        ModelCacheState.Pulling => "pulling",
        ModelCacheState.Publishing => "publishing",
        ModelCacheState.WaitingForMount => "waiting_for_mount",
        ModelCacheState.Verifying => "verifying",
        ModelCacheState.Ready => "ready",
        ModelCacheState.Degraded => "degraded",
        _ => "failed",
    };

    // One look at the state for all measurements: exactly one of them is 1, whatever the start does meanwhile.
    private static Measurement<long>[] Observe(ModelCacheState present) =>
        [.. States.Select(s => new Measurement<long>(present == s ? 1 : 0, new KeyValuePair<string, object?>(StateTag, NameOf(s))))];

    private static void Record(Histogram<double> histogram, TimeSpan duration, string? model, Exception? error, PublishAction? action = null)
    {
        if (!histogram.Enabled)
        {
            return;
        }

        var tags = default(TagList);
        if (model is not null)
        {
            tags.Add(ModelTag, model);
        }

        if (action is { } taken)
        {
            tags.Add(ActionTag, NameOf(taken));
        }

        if (error is not null)
        {
            tags.Add(ErrorTypeTag, error.GetType().FullName);
        }

        histogram.Record(duration.TotalSeconds, tags);
    }
}
