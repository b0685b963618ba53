// <snippet>
using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Tabular.ModelCache;
using Tabular.ModelCache.Testing;

namespace MyApp.Tests;

public sealed class AppTests
{
    [Fact]
    public async Task Health_AllModelsThere_Is200AtOnce()
    {
        await using var app = CreateApp();

        Assert.Equal(HttpStatusCode.OK, await GetHealthAsync(app));
        Assert.True(File.Exists(Path.Combine(await app.CreateClient().GetStringAsync("/"), "SHA256SUMS")));
    }

    [Fact]
    public async Task Health_NotReady_Is503UntilTheGateOpens()
    {
        await using var app = CreateApp(fake => fake.Hold());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetHealthAsync(app));
        await app.Services.GetFakeModelCache().ReleaseAsync();
        Assert.Equal(HttpStatusCode.OK, await GetHealthAsync(app));
    }

    [Fact]
    public async Task Health_StaleModel_Is503WhileItIsPulled()
    {
        await using var app = CreateApp(fake => fake.MakeStale().HoldPull());
        var fake = app.Services.GetFakeModelCache();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetHealthAsync(app));
        Assert.Equal(ModelCacheState.Pulling, fake.Status.State);
        await fake.ReleaseAsync();
        Assert.Equal(HttpStatusCode.OK, await GetHealthAsync(app));
        Assert.False(fake.Status.CacheHit);
    }

    [Fact]
    public async Task Health_StartFails_Is503WithTheReason()
    {
        await using var app = CreateApp(fake => fake.Fail("the bucket is gone"));
        var fake = app.Services.GetFakeModelCache();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await GetHealthAsync(app));
        Assert.Equal("the bucket is gone", fake.Status.Reason);
        Assert.Equal(ModelCacheExitCodes.Failed, fake.ExitCode); // Environment.ExitCode is untouched
    }

    [Fact]
    public async Task Health_VersionIsGone_Is200AndDegraded()
    {
        await using var app = CreateApp();
        var fake = app.Services.GetFakeModelCache();

        await fake.DegradeAsync("demo-llm");

        Assert.Equal("Degraded", await app.CreateClient().GetStringAsync("/healthz"));
        Assert.Equal(ModelCacheState.Degraded, fake.Status.State);
    }

    private static WebApplicationFactory<Program> CreateApp(Action<FakeModelCache>? configure = null) =>
        new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
            host.ConfigureTestServices(services => services.AddFakeModelCache(configure)));

    private static async Task<HttpStatusCode> GetHealthAsync(WebApplicationFactory<Program> app) =>
        (await app.CreateClient().GetAsync("/healthz")).StatusCode;
}
// </snippet>
