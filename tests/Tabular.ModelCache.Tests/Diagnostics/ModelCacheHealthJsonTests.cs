using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics;

public sealed class ModelCacheHealthJsonTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "one"), ("blobs/b", "two"));

    [Fact]
    public async Task Write_BeforeTheStart_HasNothingThatIsNotKnown()
    {
        await using var cache = new TestCache(_store, _source);

        (await WriteAsync(cache)).Should().Be(
            """{"status":"Unhealthy","state":"starting","models":[{"model":"demo","state":"starting"}]}""");
    }

    [Fact]
    public async Task Write_WhilePullingAndWhenReady_IsThatOfThePage()
    {
        var release = new TaskCompletionSource();
        var opened = 0;
        _source.Opening = (_, token) => Interlocked.Increment(ref opened) == 2 ? release.Task.WaitAsync(token) : Task.CompletedTask;
        await using var cache = new TestCache(_store, _source);
        await cache.StartAsync();
        await cache.WaitForAsync(s => s is { State: ModelCacheState.Pulling, Progress: not null, CacheHit: false });

        var pulling = await WriteAsync(cache);
        release.SetResult();
        await cache.WaitForAsync(s => s.IsReady);
        var ready = await WriteAsync(cache);

        // The numbers and names are those of the page; what members there are, in which order, is this library's.
        ShapeOf(pulling).Should().Be(ShapeOf(Example(0)));
        ShapeOf(ready).Should().Be(ShapeOf(Example(1)));
        var body = JsonDocument.Parse(pulling).RootElement;
        body.GetProperty("cache_hit").GetBoolean().Should().BeFalse("it has pulled something, whatever becomes of it");
        body.GetProperty("progress").GetProperty("total_bytes").GetInt64().Should().Be(6);
        body.GetProperty("models")[0].GetProperty("reason").GetString().Should().Be(body.GetProperty("reason").GetString());
        JsonDocument.Parse(ready).RootElement.GetProperty("outcome").GetString().Should().Be("pulled");
    }

    [Fact]
    public async Task Write_MountDiesWhileReady_TellsWhyItIsRedAndThatTheStateIsReady()
    {
        await using var cache = new TestCache(_store, _source);
        await cache.StartAndGetAsync();
        cache.Services.GetRequiredService<ModelCacheStatusHolder>().Unhealthy = "The mount '/models' \"hangs\".";

        var body = JsonDocument.Parse(await WriteAsync(cache)).RootElement;

        body.GetProperty("status").GetString().Should().Be("Unhealthy");
        body.GetProperty("state").GetString().Should().Be("ready");
        body.GetProperty("reason").GetString().Should().Be("The mount '/models' \"hangs\".");
        body.GetProperty("models")[0].TryGetProperty("reason", out _).Should().BeFalse("nothing is wrong with the model");
    }

    [Fact]
    public async Task Write_OtherChecks_AreNamedWithoutTheirTexts()
    {
        await using var cache = new TestCache(
            _store,
            _source,
            b => b.Services.AddHealthChecks().AddCheck("database", () => HealthCheckResult.Degraded("password=secret")));
        await cache.StartAndGetAsync();

        var text = await WriteAsync(cache);

        var body = JsonDocument.Parse(text).RootElement;
        body.GetProperty("status").GetString().Should().Be("Degraded");
        body.GetProperty("checks").GetProperty("database").GetString().Should().Be("Degraded");
        text.Should().NotContain("secret");
    }

    [Fact]
    public async Task Write_ReportWithoutTheCheck_HasTheStatusAlone()
    {
        using var body = new MemoryStream();

        await ModelCacheHealthJson.WriteAsync(body, new HealthReport(new Dictionary<string, HealthReportEntry>(), TimeSpan.Zero));

        Encoding.UTF8.GetString(body.ToArray()).Should().Be("""{"status":"Healthy"}""");
    }

    private static async Task<string> WriteAsync(TestCache cache)
    {
        var report = await cache.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        using var body = new MemoryStream();
        await ModelCacheHealthJson.WriteAsync(body, report);
        return Encoding.UTF8.GetString(body.ToArray());
    }

    /// <summary>A JSON example of the page.</summary>
    private static string Example(int index) =>
        File.ReadAllText(Repository.PathOf("docs/health.md")).Split("```json")[index + 1].Split("```")[0];

    /// <summary>The names of all members, in order, with the kinds of their values.</summary>
    private static string ShapeOf(string json) => ShapeOf(JsonDocument.Parse(json).RootElement);

    private static string ShapeOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', element.EnumerateObject().Select(p => $"{p.Name}:{ShapeOf(p.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', element.EnumerateArray().Select(ShapeOf))}]",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString(),
    };
}
