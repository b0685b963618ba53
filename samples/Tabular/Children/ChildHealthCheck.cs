using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tabular.Children;

/// <summary>Red while a required child is not running, and degraded while another one is not.</summary>
internal sealed class ChildHealthCheck(ChildSupervisor child) : IHealthCheck
{
    public const string NamePrefix = "child_";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = child.Status;
        var data = new Dictionary<string, object> { ["state"] = Text(status.State), ["restarts"] = status.Restarts };
        if (status.LastExitCode is { } exitCode)
        {
            data["last_exit_code"] = exitCode;
        }

        if (status.Reason is { } reason)
        {
            data["reason"] = reason;
        }

        var health = status.State == ChildState.Running ? HealthStatus.Healthy
            : child.Options.Required ? HealthStatus.Unhealthy
            : HealthStatus.Degraded;
        return Task.FromResult(new HealthCheckResult(health, $"The child is {Text(status.State)}.", data: data));
    }

    private static string Text(ChildState state) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());
}
