using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Simulation.Actors;

/// <summary>Metrics and activities that nobody listens to, one set for all processes.</summary>
internal sealed class SimulatedTelemetry : IMeterFactory, IServiceProvider
{
    private readonly List<Meter> _meters = [];

    public SimulatedTelemetry(TimeProvider clock) =>
        Metrics = new ModelCacheMetrics(
            this,
            new ModelCacheStatusHolder(
                Options.Create(new ModelCacheOptions()), new ModelCacheClock(clock, new Random(0)), NullLogger<ModelCacheService>.Instance));

    public ModelCacheMetrics Metrics { get; }

    public ModelCacheActivities Activities { get; } = new();

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public object? GetService(Type serviceType) => null;

    public void Dispose()
    {
        Activities.Dispose();
        _meters.ForEach(m => m.Dispose());
    }
}
