using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tabular.StatusPage;

namespace Tabular.Sample.Tests.StatusPage;

public sealed class RecentProblemsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecentProblems _problems;

    public RecentProblemsTests() => _problems = new RecentProblems(_time);

    [Fact]
    public void Log_MoreThanItHolds_KeepsTheNewestFirstAndCutsThem()
    {
        var logger = _problems.CreateLogger("Tabular.Children.ChildSupervisor");
        for (var i = 0; i <= RecentProblems.Capacity; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Write(logger, LogLevel.Warning, $"{i}{new string('x', RecentProblems.MaxText)}");
        }

        var list = _problems.List();

        list.Should().HaveCount(RecentProblems.Capacity).And.BeInDescendingOrder(p => p.At);
        list[0].Text.Should().HaveLength(RecentProblems.MaxText + 1).And.StartWith($"{RecentProblems.Capacity}x").And.EndWith("…");
        list[0].Should().BeEquivalentTo(new { Level = LogLevel.Warning, Source = "ChildSupervisor", At = _time.GetUtcNow() });
        list[^1].Text.Should().StartWith("1x");
    }

    [Theory]
    [InlineData("Tabular.ModelCache.Startup", LogLevel.Information, 0)]
    [InlineData("Tabular.ModelCache.Startup", LogLevel.Critical, 1)]
    [InlineData("Tabular", LogLevel.Error, 1)]
    [InlineData("TabularOther", LogLevel.Error, 0)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error, 0)]
    public void Log_CategoryAndLevel_KeepsOnlyProblemsOfThisApp(string category, LogLevel level, int kept)
    {
        Write(_problems.CreateLogger(category), level, "text");

        _problems.List().Should().HaveCount(kept);
    }

    public void Dispose() => _problems.Dispose();

    private static void Write(ILogger logger, LogLevel level, string text) => logger.Log(level, default, text, exception: null, (t, _) => t);
}
