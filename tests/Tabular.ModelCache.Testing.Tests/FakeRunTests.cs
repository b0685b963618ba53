using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tabular.ModelCache.Testing.Tests;

public sealed class FakeRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Publish_Followed_IsServedAndTold()
    {
        await using var app = new TestedApp(null, ("ModelCache:FollowUpdates", "true"));
        var first = await app.Cache.GetModelAsync(TestedApp.Model);
        var told = new TaskCompletionSource<ModelUpdatedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Cache.ModelUpdated += (_, update) => told.TrySetResult(update);

        var version = await app.Fake.PublishAsync(TestedApp.Model);

        var update = await told.Task.WaitAsync(Patience);
        (update.Previous.Version, update.Current.Version).Should().Be((first.Version, version));
        File.Exists(Path.Combine(update.Current.Path, "SHA256SUMS")).Should().BeTrue();
        app.Fake.GetSnapshot().Models[0].Should().Be(new FakeModelActivity(TestedApp.Model) { CacheHits = 1, Updates = 1 });
    }

    [Fact]
    public async Task Publish_NotFollowed_StaysWithWhatItStartedWith()
    {
        await using var app = new TestedApp();
        var first = await app.Cache.GetModelAsync(TestedApp.Model);

        (await app.Fake.PublishAsync(TestedApp.Model)).Should().NotBe(first.Version);
        (await app.Fake.PublishAsync(TestedApp.Model)).Should().NotBe(first.Version);

        app.Served.Should().BeSameAs(first);
        (await app.ProbeAsync()).Should().Be("200 Healthy");
    }

    [Fact]
    public async Task Publish_MountLags_IsServedWhenTheMountShowsIt()
    {
        await using var app = new TestedApp(null, ("ModelCache:FollowUpdates", "true"));
        var first = await app.Cache.GetModelAsync(TestedApp.Model);

        app.Fake.Lag();
        var version = await app.Fake.PublishAsync(TestedApp.Model);
        app.Served.Should().BeSameAs(first);
        await app.Fake.ReleaseAsync();

        await app.Fake.WaitForAsync(s => s.Models[0].Version == version);
        (await app.ProbeAsync()).Should().Be("200 Healthy");
    }

    [Fact]
    public async Task BreakMount_UntilRepaired_IsRed()
    {
        await using var app = new TestedApp();
        (await app.ProbeAsync()).Should().Be("200 Healthy");

        await app.Fake.BreakMountAsync("Transport endpoint is not connected");
        (await app.ProbeAsync()).Should().Be("503 Unhealthy");
        app.Fake.ExitCode.Should().BeNull();
        await app.Fake.RepairMountAsync();

        (await app.ProbeAsync()).Should().Be("200 Healthy");
    }

    [Fact]
    public async Task Reset_AfterEverything_IsAsItWasAtFirst()
    {
        await using var app = new TestedApp();
        await app.ProbeAsync();
        await app.Fake.DegradeAsync(TestedApp.Model);
        await app.Fake.BreakMountAsync("gone");
        app.Fake.Lag().Hold().HoldPull();
        app.Fake.Store.Inject = _ => StoreFault.None;

        await app.Fake.ResetAsync();

        (await app.ProbeAsync()).Should().Be("200 Healthy");
        app.Fake.Store.Inject.Should().BeNull();
        var snapshot = app.Fake.GetSnapshot();
        snapshot.History.Should().ContainSingle().Which.State.Should().Be(ModelCacheState.Ready);
        snapshot.Models.Should().Equal(new FakeModelActivity(TestedApp.Model));
        snapshot.StoreOperations.Should().BeEmpty();
    }

    [Fact]
    public async Task Dispose_OfTheApp_DeletesTheFolder()
    {
        var app = new TestedApp();
        await app.ProbeAsync();
        var root = RootOf(app.Served);
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Should().HaveCount(8);

        await app.DisposeAsync();

        Directory.Exists(root).Should().BeFalse();
    }

    [Fact]
    public async Task Dispose_OfAHostThatWasNotStopped_DeletesTheFolder()
    {
        var host = BuildAlone();
        await host.StartAsync();
        var root = RootOf(await host.Services.GetRequiredService<IModelCache>().GetModelAsync("llm"));

        host.Dispose();

        Directory.Exists(root).Should().BeFalse();
    }

    [Fact]
    public async Task Fakes_InParallel_ShareNothing()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => RunOneAsync(i))));

        runs.Select(r => r.Root).Should().OnlyHaveUniqueItems();
        runs.Should().OnlyContain(r => r.IsExact);

        static async Task<(string Root, bool IsExact)> RunOneAsync(int number)
        {
            var isStale = number % 2 == 1;
            await using var app = new TestedApp(fake => _ = isStale ? fake.MakeStale() : fake, ("ModelCache:FollowUpdates", "true"));
            await app.ProbeAsync();
            for (var update = 0; update < number % 3; update++)
            {
                var version = await app.Fake.PublishAsync(TestedApp.Model);
                await app.Fake.WaitForAsync(s => s.Models[0].Version == version);
            }

            var activity = app.Fake.GetSnapshot().Models.Single();
            var expected = new FakeModelActivity(TestedApp.Model)
            {
                CacheHits = isStale ? 0 : 1,
                CacheMisses = isStale ? 1 : 0,
                SourceReads = isStale ? 1 : 0,
                FilesPulled = isStale ? 6 : 0,
                BytesPulled = isStale ? activity.BytesPulled : 0,
                Updates = number % 3,
            };
            return (RootOf(app.Served), activity == expected);
        }
    }

    [Fact]
    public async Task AddFake_Alone_RegistersTheLibrary()
    {
        using var host = BuildAlone();

        await host.StartAsync();

        host.Services.GetRequiredService<IModelCache>().TryGetModel("llm", out var model).Should().BeTrue();
        model!.CacheHit.Should().BeTrue();
        await host.StopAsync();
    }

    [Fact]
    public async Task AddFake_Twice_IsOneFakeThatHasHeardBoth()
    {
        await using var app = new TestedApp(fake => fake.MakeStale()) { Changes = services => services.AddFakeModelCache(fake => fake.HoldPull()) };

        (await app.ProbeAsync()).Should().Be("503 Unhealthy");

        app.Fake.Status.State.Should().Be(ModelCacheState.Pulling);
        app.Services.GetServices<FakeModelCache>().Should().ContainSingle();
    }

    [Fact]
    public async Task Control_WhereItMakesNoSense_SaysWhatToDo()
    {
        await using var app = new TestedApp();
        await app.ProbeAsync();

        app.Fake.Invoking(f => f.MakeStale()).Should().Throw<InvalidOperationException>().WithMessage("*AddFakeModelCache(fake => fake.MakeStale())*");
        app.Fake.Invoking(f => f.FallBack()).Should().Throw<InvalidOperationException>().WithMessage("*FallbackToPreviousVersion*");
        app.Fake.Invoking(f => f.Fail("late")).Should().Throw<InvalidOperationException>().WithMessage("*BreakMountAsync*");
        await app.Fake.Awaiting(f => f.PublishAsync("nobody")).Should().ThrowAsync<ArgumentException>().WithMessage("*configured are demo-llm*");
        await app.Fake.Awaiting(f => f.LoseLeaseAsync(TestedApp.Model)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*HoldPull*");
        new ServiceCollection().BuildServiceProvider().Invoking(s => s.GetFakeModelCache())
            .Should().Throw<InvalidOperationException>().WithMessage("*AddFakeModelCache()*");
    }

    private static string RootOf(CachedModel model) => Path.GetDirectoryName(Path.GetDirectoryName(model.Path))!;

    private static IHost BuildAlone()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddFakeModelCache();
        builder.Services.AddModelCache(o => o.Models.Add(new ModelOptions { Name = "llm", Source = "ollama://llama3.2:1b" }));
        return builder.Build();
    }
}
