using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Startup;

public sealed class HolderProgressTests
{
    private const long Total = 1_000_000;

    [Fact]
    public async Task Report_AllInOneMomentAndThenAStall_ShowsItToAHundredth()
    {
        await using var cache = new TestCache(new InMemoryObjectStore(), new TestSource(("blobs/a", "content")));
        var holder = cache.Services.GetRequiredService<ModelCacheStatusHolder>();
        var metrics = cache.Services.GetRequiredService<ModelCacheMetrics>();
        var progress = new HolderProgress(TestCache.Model, holder, metrics, new FakeTimeProvider(), NullLogger.Instance);
        progress.Enter(ModelCacheState.Pulling, "test");
        var shown = new HashSet<long>();

        for (var bytes = 1_000L; bytes <= Total * 6 / 10; bytes += 1_000)
        {
            progress.Report(bytes, Total);
            shown.Add(holder.Current.Models.Single().Progress?.Bytes ?? 0);
        }

        shown.Max().Should().BeGreaterThan(Total * 59 / 100);
        shown.Should().HaveCountLessThan(100, "watchers are not told of each block");
    }
}
