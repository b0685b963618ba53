using System.Diagnostics;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>Waits for what real processes do, up to a deadline.</summary>
internal static class Poll
{
    /// <summary>Generous: the machine may be busy with other builds.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    // Short phases are caught at first; a long wait does not spend the machine on asking.
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LaterInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2);

    /// <summary>Asks again and again until there is an answer.</summary>
    /// <param name="probe">Returns <see langword="null"/> while there is nothing to tell.</param>
    /// <param name="describe">What to say when the deadline has passed.</param>
    /// <param name="deadline">The longest wait; <see langword="null"/> takes <see cref="Deadline"/>.</param>
    public static async Task<T> ForAsync<T>(Func<Task<T?>> probe, Func<string> describe, TimeSpan? deadline = null)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(FirstInterval);
        while (true)
        {
            if (await probe() is { } result)
            {
                return result;
            }

            if (watch.Elapsed > (deadline ?? Deadline))
            {
                throw new TimeoutException($"Waited {watch.Elapsed.TotalSeconds:0} s in vain: {describe()}");
            }

            timer.Period = watch.Elapsed < Later ? FirstInterval : LaterInterval;
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
