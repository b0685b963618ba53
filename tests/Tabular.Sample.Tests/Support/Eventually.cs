using System.Diagnostics;

namespace Tabular.Sample.Tests.Support;

/// <summary>Waits for what other threads do at once, with no time passing on the clock of the test.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task IsAsync(Func<bool> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !condition();)
        {
            watch.Elapsed.Should().BeLessThan(Deadline, "{0} was expected", what);
            await Task.Yield();
        }
    }

    public static Task EndsAsync(this Task task) => task.WaitAsync(Deadline);
}
