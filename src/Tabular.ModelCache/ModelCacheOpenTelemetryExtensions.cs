using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Tabular.ModelCache;

/// <summary>Adds the telemetry of the model cache to OpenTelemetry.</summary>
public static class ModelCacheOpenTelemetryExtensions
{
    /// <summary>Collects the meter <see cref="ModelCacheDiagnostics.MeterName"/>.</summary>
    /// <param name="builder">The builder of the meter provider.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static MeterProviderBuilder AddModelCacheInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(ModelCacheDiagnostics.MeterName);
    }

    /// <summary>Collects the spans of <see cref="ModelCacheDiagnostics.ActivitySourceName"/>.</summary>
    /// <param name="builder">The builder of the tracer provider.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TracerProviderBuilder AddModelCacheInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(ModelCacheDiagnostics.ActivitySourceName);
    }
}
