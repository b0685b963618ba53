using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Registry;

/// <summary>A server for one test, and a client that follows no redirect.</summary>
internal sealed class RegistryTestServer : IAsyncDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(1) };

    private RegistryTestServer(ModelRegistryServer server, FakeTimeProvider time)
    {
        Server = server;
        Time = time;
    }

    public ModelRegistryServer Server { get; }

    public FakeTimeProvider Time { get; }

    public static async Task<RegistryTestServer> StartAsync(ModelRegistryServerOptions? options = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        options = (options ?? new()) with { TimeProvider = time };
        return new(await ModelRegistryServer.StartAsync(options, TestContext.Current.CancellationToken), time);
    }

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public async Task<RegistryAnswer> SendAsync(
        string address, HttpMethod? method = null, string? range = null, string? token = null, string? accept = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(Server.Endpoint, address));
        Add(request, "Range", range);
        Add(request, "Authorization", token is null ? null : $"Bearer {token}");
        Add(request, "Accept", accept);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return await RegistryAnswer.ReadAsync(response);
    }

    /// <summary>Sends the request, and one more for its redirect.</summary>
    public async Task<RegistryAnswer> FollowAsync(string address, string? range = null)
    {
        var first = await SendAsync(address);
        return await SendAsync(first["Location"]!, range: range);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value).Should().BeTrue();
        }
    }
}
