using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Diagnostics;

/// <summary>Reports the gate. It reads memory only: a health check that touches a hung mount never answers.</summary>
internal sealed class ModelCacheHealthCheck(ModelCacheStatusHolder holder) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = holder.Current;
        var data = Data(status, holder.Unhealthy ?? status.Reason);
        var description = $"{status.State}{(status.Reason is null ? "" : ": " + status.Reason)}";
        var result = holder.Unhealthy is { } unhealthy
            ? new HealthCheckResult(context.Registration.FailureStatus, unhealthy, data: data)
            : status.State switch
            {
                ModelCacheState.Ready => HealthCheckResult.Healthy(description, data),
                ModelCacheState.Degraded => HealthCheckResult.Degraded(description, data: data),
                _ => new HealthCheckResult(context.Registration.FailureStatus, description, data: data),
            };
        return Task.FromResult(result);
    }

    private static Dictionary<string, object> Data(ModelCacheStatus status, string? reason)
    {
        var data = Describe(status.State, status.CacheHit, status.Outcome, status.Progress, reason);
        data["version"] = status.Models.Where(m => m.Version is not null).ToDictionary(m => m.Name, m => m.Version!);
        data["models"] = status.Models.Select(Describe).ToArray();
        return data;
    }

    private static Dictionary<string, object> Describe(ModelStatus model)
    {
        var data = Describe(model.State, model.CacheHit, model.Outcome, model.Progress, model.Reason);
        data["model"] = model.Name;
        AddIfKnown(data, "version", model.Version);
        return data;
    }

    private static Dictionary<string, object> Describe(
        ModelCacheState state, bool? cacheHit, CacheOutcome? outcome, ModelCacheProgress? progress, string? reason)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal) { ["state"] = ModelCacheMetrics.NameOf(state) };
        AddIfKnown(data, ModelCacheMetrics.CacheHitTag, cacheHit);
        AddIfKnown(data, "outcome", outcome is { } known ? ModelCacheMetrics.NameOf(known) : null);
        AddIfKnown(data, "reason", reason);
        if (progress is { } present)
        {
            data["progress"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["bytes"] = present.Bytes,
                ["total_bytes"] = present.TotalBytes,
                ["bytes_per_second"] = (long)present.BytesPerSecond,
            };
        }

        return data;
    }

    private static void AddIfKnown(Dictionary<string, object> data, string key, object? value)
    {
        if (value is not null)
        {
            data[key] = value;
        }
    }
}
