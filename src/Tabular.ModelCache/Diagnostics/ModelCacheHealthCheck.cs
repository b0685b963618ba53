using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Diagnostics;

/// <summary>Reports the gate. It reads memory only: a health check that touches a hung mount never answers.</summary>
internal sealed class ModelCacheHealthCheck(ModelCacheStatusHolder holder) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = holder.Current;
        var data = Data(status);
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

    private static Dictionary<string, object> Data(ModelCacheStatus status)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["state"] = ModelCacheMetrics.NameOf(status.State),
            ["version"] = status.Models.Where(m => m.Version is not null).ToDictionary(m => m.Name, m => m.Version!),
        };
        if (status.CacheHit is { } hit)
        {
            data["cache_hit"] = hit;
        }

        if (status.Outcome is { } outcome)
        {
            data["outcome"] = ModelCacheMetrics.NameOf(outcome);
        }

        if (status.Progress is { } progress)
        {
            data["progress"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["bytes"] = progress.Bytes,
                ["total_bytes"] = progress.TotalBytes,
                ["bytes_per_second"] = (long)progress.BytesPerSecond,
            };
        }

        if (status.Reason is { } reason)
        {
            data["reason"] = reason;
        }

        return data;
    }
}
