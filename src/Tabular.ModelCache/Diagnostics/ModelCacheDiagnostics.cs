namespace Tabular.ModelCache;

/// <summary>The names under which telemetry of the model cache is found.</summary>
public static class ModelCacheDiagnostics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Tabular.ModelCache";

    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "Tabular.ModelCache";

    /// <summary>The name of the health check.</summary>
    public const string HealthCheckName = "model_cache";

    /// <summary>The tag of the health check. It belongs into readiness and startup probes, never into liveness: a restart cures nothing.</summary>
    public const string ReadyTag = "ready";
}
