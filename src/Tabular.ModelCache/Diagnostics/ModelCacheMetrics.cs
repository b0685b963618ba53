using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Tabular.ModelCache.Diagnostics;

/// <summary>The instruments; names, units and attributes are a contract.</summary>
internal sealed class ModelCacheMetrics
{
    public const string CacheHitTag = "cache_hit";
    private const string ModelTag = "tabular.model_cache.model";
    private const string OutcomeTag = "tabular.model_cache.outcome";
    private const string StateTag = "tabular.model_cache.state";
    private const string ErrorTypeTag = "error.type";

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
        meter.CreateObservableUpDownCounter(
            "tabular.model_cache.status",
            () => States.Select(s => new Measurement<long>(
                status.Current.State == s ? 1 : 0, new KeyValuePair<string, object?>(StateTag, NameOf(s)))),
            "1",
            "1 for the present state of the instance, 0 for the others.");
        meter.CreateObservableUpDownCounter(
            "tabular.model_cache.update_available",
            () => status.UpdatesAvailable.Select(u => new Measurement<long>(
                u.Value ? 1 : 0, new KeyValuePair<string, object?>(ModelTag, u.Key))),
            "1",
            "1 when the manifest has another active version than the one that this instance serves.");
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

    public void RecordPull(string model, TimeSpan duration, Exception? error) => Record(_pullDuration, duration, model, error);

    public void RecordLeaseWait(string model, TimeSpan duration) => Record(_leaseWaitDuration, duration, model, null);

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

    private static void Record(Histogram<double> histogram, TimeSpan duration, string? model, Exception? error)
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

        if (error is not null)
        {
            tags.Add(ErrorTypeTag, error.GetType().FullName);
        }

        histogram.Record(duration.TotalSeconds, tags);
    }
}
