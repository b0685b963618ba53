using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>Collects what instances tell by metrics, spans and logs; only those that are attached, because other tests run beside it.</summary>
internal sealed class TelemetryRun : IMeterFactory, ILoggerProvider
{
    private readonly MeterListener _listener = new();
    private readonly ActivityListener _activities;
    private readonly Activity _root = new("telemetry run");
    private readonly ConcurrentBag<Meter> _meters = [];

    public TelemetryRun()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
        _listener.Start();

        // Sources of activities are known to the whole process; those of this run lie below its root.
        _root.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ModelCacheDiagnostics.ActivitySourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == _root.TraceId)
                {
                    Spans.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public ConcurrentQueue<Measured> Measurements { get; } = new();

    public ConcurrentQueue<Activity> Spans { get; } = new();

    public ConcurrentQueue<LoggedEvent> Events { get; } = new();

    /// <summary>Collects from an instance that is about to be built.</summary>
    public void Attach(HostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IMeterFactory>(this);
        builder.Logging.AddProvider(this).SetMinimumLevel(LogLevel.Trace);
    }

    /// <summary>Makes an attached instance.</summary>
    public TestCache New(
        IObjectStore store, TestSource source, Action<IServiceCollection>? services = null, params (string Key, string Value)[] settings)
    {
        var cache = new TestCache(
            store,
            source,
            builder =>
            {
                Attach(builder);
                services?.Invoke(builder.Services);
            },
            settings);
        _ = cache.Services.GetRequiredService<ModelCacheMetrics>();
        Observe();
        return cache;
    }

    /// <summary>Takes the measurements of the instruments that are observed.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // Each container disposes of its providers; the run ends with Complete.
    }

    /// <summary>Ends the run; what was collected stays.</summary>
    public void Complete()
    {
        _listener.Dispose();
        _activities.Dispose();
        _root.Dispose();
        foreach (var meter in _meters)
        {
            meter.Dispose();
        }
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        Measurements.Enqueue(new Measured(instrument.Name, value, tags.ToArray().ToDictionary(t => t.Key, t => t.Value)));

    private sealed class Logger(TelemetryRun run, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!category.StartsWith(ModelCacheDiagnostics.MeterName + ".", StringComparison.Ordinal))
            {
                return;
            }

            var template = (state as IReadOnlyList<KeyValuePair<string, object?>>)?.FirstOrDefault(s => s.Key == "{OriginalFormat}").Value as string;
            run.Events.Enqueue(new LoggedEvent(eventId.Id, eventId.Name, logLevel, category, template ?? formatter(state, exception)));
            if (eventId.Name == "StateChanged")
            {
                // Every state is observed while it lasts.
                run.Observe();
            }
        }
    }
}
