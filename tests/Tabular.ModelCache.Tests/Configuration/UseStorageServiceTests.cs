using Google.Apis.Services;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Configuration;

public sealed class UseStorageServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UseStorageService_Service_ItsEndpointAndCredentialServeTheBucket(bool hasCredential)
    {
        await using var server = await CloudStorageServer.StartAsync(new CloudStorageServerOptions { Buckets = ["bucket"] }, Token);
        var (ofTheService, other) = (new CountingCredential(), new CountingCredential());
        using var service = new TestService(server.Endpoint, new() { HttpClientInitializer = hasCredential ? ofTheService : null });
        await using var services = Build(service, other);
        var places = services.GetRequiredService<ModelCachePlaces>();

        await places.Store!.WriteAsync("a", new MemoryStream([1]), null, Token);
        await places.LeaseStore!.GetAsync("a", default, Token);

        server.GetRequests().Should().HaveCountGreaterThan(1);
        ofTheService.Requests.Should().Be(hasCredential ? server.GetRequests().Count : 0);
        other.Requests.Should().Be(0);
    }

    [Fact]
    public async Task UseStorageService_ServiceWithAnApiKey_IsRefused()
    {
        using var service = new TestService(new Uri("http://127.0.0.1:1"), new() { ApiKey = "key" });
        await using var services = Build(service, new CountingCredential());

        services.Invoking(s => s.GetRequiredService<ModelCachePlaces>()).Should().Throw<ModelCacheException>().WithMessage("*UseStorageService*API key*credential*");
    }

    private static ServiceProvider Build(BaseClientService service, CountingCredential credential)
    {
        var services = new ServiceCollection();
        services.AddModelCache(options =>
        {
            options.SharedVolumeEnabled = true;
            options.MountPath = "/models";
            options.Bucket = "bucket";
            options.Models.Add(new ModelOptions { Name = "llm", Kind = ModelKinds.Ollama, Source = "dir:///srv/models/llm" });
        }).UseStorageService(_ => service).UseCredential(_ => credential);
        return services.BuildServiceProvider();
    }
}
