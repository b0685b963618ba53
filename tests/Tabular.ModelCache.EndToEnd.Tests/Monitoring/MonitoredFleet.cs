using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Operations;

namespace Tabular.ModelCache.EndToEnd.Tests.Monitoring;

/// <summary>
/// Four instances with everything that the dashboard shows: one pulls, and loses its lease on the way; one hits; one whose start fails; one
/// whose mount goes away. Prometheus is beside them where it is installed.
/// </summary>
public sealed class MonitoredFleet : IAsyncLifetime
{
    private readonly List<TabularProcess> _instances = [];
    private OperatedBucket _bucket = null!;

    internal PrometheusServer? Prometheus { get; private set; }

    /// <summary>What the instances answer to a scrape, all together.</summary>
    internal IReadOnlyList<MetricSample> Samples { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        _bucket = await OperatedBucket.StartAsync();
        _bucket.Change(1);
        Prometheus = await PrometheusServer.TryStartAsync(_bucket.Bucket.NewFolder("prometheus"));

        var pulls = await PullWithALostLeaseAsync();
        await Start().WaitUntilReadyAsync();
        await Start(d => d.WithSetting("FailureBehavior", "StayUnready").WithSetting("Models:0:Version", "llm-2020-01-01")).WaitForStateAsync("failed");
        await LoseTheMountAsync();
        await pulls.WaitUntilReadyAsync();

        var samples = new List<MetricSample>();
        foreach (var instance in _instances)
        {
            // A Prometheus adds the job to what it scrapes.
            samples.AddRange(MetricSample.Parse(await instance.GetMetricsAsync())
                .Select(s => s with { Labels = new Dictionary<string, string>(s.Labels) { ["job"] = PrometheusServer.Job } }));
        }

        Samples = samples;
        if (Prometheus is not null)
        {
            await ScrapeAllAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Prometheus is not null)
        {
            await Prometheus.DisposeAsync();
        }

        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        await _bucket.DisposeAsync();
    }

    private async Task<TabularProcess> PullWithALostLeaseAsync()
    {
        using var upload = new HeldUpload(_bucket.Bucket);
        var instance = Start();
        await upload.WaitAsync();
        if (Prometheus is not null)
        {
            // What is lost later is an increase only when it was seen before.
            await ScrapeAllAsync();
        }

        await _bucket.RunAsync(0, "unlock", "--model", OperatedBucket.Model, "--force");
        await instance.WaitForOutputAsync("Lost the lease of llm");
        upload.Release();
        await instance.WaitUntilReadyAsync();
        return instance;
    }

    private async Task LoseTheMountAsync()
    {
        var link = Path.Join(_bucket.Bucket.Root, "link");
        Directory.CreateSymbolicLink(link, _bucket.Bucket.Folder);
        var instance = Start(d => d.With("MODEL_CACHE_PATH", link));
        await instance.WaitUntilReadyAsync();
        File.Delete(link);
        await instance.WaitForHealthAsync(h => h.Code == System.Net.HttpStatusCode.ServiceUnavailable, "503 for a mount that is gone");
    }

    private TabularProcess Start(Action<Deployment>? change = null)
    {
        var deployment = _bucket.Copy().With("METRICS_PATH", "/metrics").WithSetting("Mount:ProbeInterval", "00:00:01").WithSetting("Lease:Ttl", "00:00:04");
        change?.Invoke(deployment);
        var instance = deployment.Start();
        _instances.Add(instance);
        return instance;
    }

    private async Task ScrapeAllAsync()
    {
        var addresses = new List<Uri>();
        foreach (var instance in _instances)
        {
            addresses.Add(await instance.GetAddressAsync());
        }

        await Prometheus!.ScrapeAsync(addresses);
    }
}
