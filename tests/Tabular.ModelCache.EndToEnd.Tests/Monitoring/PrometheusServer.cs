using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Monitoring;

/// <summary>A real Prometheus on 127.0.0.1, which scrapes every second and evaluates the alert rules.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    public const string Job = "tabular";

    private readonly Process _process;
    private readonly HttpClient _client;
    private readonly string _targets;
    private readonly List<string> _errors = [];

    private PrometheusServer(Process process, int port, string targets)
    {
        _process = process;
        _targets = targets;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = Poll.Deadline };
    }

    /// <summary>Starts one, without targets.</summary>
    /// <returns>It, or <see langword="null"/> where Prometheus is not installed.</returns>
    public static async Task<PrometheusServer?> TryStartAsync(string folder)
    {
        if (!Tool.Exists("prometheus"))
        {
            return null;
        }

        Directory.CreateDirectory(folder);
        var targets = Path.Join(folder, "targets.json");
        await File.WriteAllTextAsync(targets, "[]");
        var configuration = Path.Join(folder, "prometheus.yml");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: ["{{Dashboard.AlertsPath}}"]
            scrape_configs:
              - job_name: {{Job}}
                file_sd_configs: [{ files: ["{{targets}}"], refresh_interval: 1s }]
            """);
        var port = FindFreePort();
        var start = new ProcessStartInfo(
            "prometheus",
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={Path.Join(folder, "data")}", $"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ])
        {
            RedirectStandardError = true,
        };
        var server = new PrometheusServer(Process.Start(start) ?? throw new InvalidOperationException("prometheus did not start."), port, targets);
        server._process.ErrorDataReceived += (_, line) => server.Note(line.Data);
        server._process.BeginErrorReadLine();
        await Poll.ForAsync(server.TryReachAsync, () => $"an answer of Prometheus at {server._client.BaseAddress}; it wrote {server.Errors}");
        return server;
    }

    private string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Makes it scrape these addresses from now on, and waits until it has reached each.</summary>
    public async Task ScrapeAsync(IReadOnlyCollection<Uri> addresses)
    {
        var written = _targets + ".new";
        await File.WriteAllTextAsync(written, JsonSerializer.Serialize(new[] { new { targets = addresses.Select(a => a.Authority) } }));
        File.Move(written, _targets, overwrite: true);
        await WaitForAsync("count(up == 1)", r => r.Any(v => v.Value == addresses.Count));
    }

    /// <summary>Asks a query until its result is as wanted.</summary>
    public async Task<IReadOnlyList<MetricSample>> WaitForAsync(string query, Func<IReadOnlyList<MetricSample>, bool> isWanted)
    {
        IReadOnlyList<MetricSample> last = [];
        return await Poll.ForAsync(
            async () =>
            {
                last = await QueryAsync(query);
                return isWanted(last) ? last : null;
            },
            () => $"data for '{query}'; the last result was {string.Join(", ", last)}; it wrote {Errors}");
    }

    /// <summary>The alerts that a rule has raised or is about to, as their labels.</summary>
    public Task<IReadOnlyList<MetricSample>> WaitForAlertAsync(string name) => WaitForAsync($$"""ALERTS{alertname="{{name}}"}""", r => r.Count > 0);

    public async Task<JsonElement> GetRulesAsync() => (await GetAsync("api/v1/rules")).GetProperty("groups");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<IReadOnlyList<MetricSample>> QueryAsync(string query)
    {
        var data = await GetAsync($"api/v1/query?query={Uri.EscapeDataString(query)}");
        return
        [
            .. data.GetProperty("result").EnumerateArray().Select(r =>
            {
                var labels = r.GetProperty("metric").Deserialize<Dictionary<string, string>>()!;
                return new MetricSample(
                    labels.GetValueOrDefault("__name__", ""), labels, double.Parse(r.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture));
            }),
        ];
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return body.GetProperty("status").GetString() == "success"
            ? body.GetProperty("data")
            : throw new InvalidOperationException($"Prometheus refused {path}: {body}");
    }

    private async Task<PrometheusServer?> TryReachAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"prometheus exited with {_process.ExitCode}: {Errors}");
        }

        try
        {
            using var response = await _client.GetAsync(new Uri("-/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            return response.StatusCode == HttpStatusCode.OK ? this : null;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet; the deadline bounds this.
            return null;
        }
    }

    private void Note(string? line)
    {
        lock (_errors)
        {
            _errors.Add(line ?? "");
        }
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
