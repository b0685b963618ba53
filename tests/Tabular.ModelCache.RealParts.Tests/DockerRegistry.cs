using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary>A running <c>docker-registry</c>, the stock server of the protocol that Ollama's registry speaks.</summary>
internal sealed class DockerRegistry : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private DockerRegistry(Process process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/v2/"), Timeout = TimeSpan.FromSeconds(30) };
        Host = $"127.0.0.1:{port}";
    }

    public string Host { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts one over a folder; the test is skipped where the program is not installed.</summary>
    public static async Task<DockerRegistry> StartAsync(string folder)
    {
        var program = Tool.Find("docker-registry");
        Assert.SkipWhen(program is null, "docker-registry is not installed.");
        var port = FindFreePort();
        var configuration = Path.Join(folder, "registry.yml");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            version: 0.1
            log:
              level: error
            storage:
              filesystem:
                rootdirectory: {Path.Join(folder, "registry")}
            http:
              addr: 127.0.0.1:{port}
            """,
            Token);
        var process = Process.Start(new ProcessStartInfo(program!, ["serve", configuration]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var registry = new DockerRegistry(process, port);
        await registry.WaitUntilReadyAsync();
        return registry;
    }

    public async Task PushBlobAsync(string repository, byte[] blob)
    {
        using var begun = await _http.PostAsync($"{repository}/blobs/uploads/", null, Token);
        begun.StatusCode.Should().Be(HttpStatusCode.Accepted);
        var location = new UriBuilder(new Uri(_http.BaseAddress!, begun.Headers.Location!));
        location.Query = $"{location.Query.TrimStart('?')}&digest={Uri.EscapeDataString(TestModel.DigestOf(blob))}".TrimStart('&');
        using var content = new ByteArrayContent(blob);
        using var pushed = await _http.PutAsync(location.Uri, content, Token);
        pushed.StatusCode.Should().Be(HttpStatusCode.Created);
    }

    public async Task PushManifestAsync(string repository, string tag, byte[] manifest)
    {
        using var content = new ByteArrayContent(manifest);
        content.Headers.ContentType = new MediaTypeHeaderValue(TestModel.MediaType);
        using var pushed = await _http.PutAsync($"{repository}/manifests/{tag}", content, Token);
        pushed.StatusCode.Should().Be(HttpStatusCode.Created, await pushed.Content.ReadAsStringAsync(Token));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await timer.WaitForNextTickAsync(deadline.Token))
        {
            _process.HasExited.Should().BeFalse("the registry serves");
            try
            {
                using var response = await _http.GetAsync("", deadline.Token);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet; the deadline bounds this.
            }
        }
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
