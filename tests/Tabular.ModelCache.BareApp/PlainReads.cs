using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Tabular;

/// <summary>
/// The least that a start could do which asks a bucket: GETs of the addresses in <c>PLAIN_READS</c>, separated by blanks, with a bare HttpClient and no look at
/// the answers. The app is ready when they are all there.
/// </summary>
internal sealed class PlainReads(IConfiguration configuration) : BackgroundService, IHealthCheck
{
    private volatile bool _isDone;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isDone ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var client = new HttpClient();
        foreach (var address in (configuration["PLAIN_READS"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            await client.GetByteArrayAsync(address, stoppingToken);
        }

        _isDone = true;
    }
}
