using System.Globalization;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Holds a pair back while the machine has other work, which would be measured too, and which a measurement would disturb.</summary>
internal static class QuietMachine
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Waits until the load is low enough.</summary>
    /// <param name="highestLoad">What the load must be below; <see langword="null"/> does not wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The load of the last minute, in runnable threads.</returns>
    /// <exception cref="BenchmarkException">The machine stays busy.</exception>
    public static async Task<double> WaitAsync(double? highestLoad, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; ; waited += Interval)
        {
            var load = double.Parse((await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0], CultureInfo.InvariantCulture);
            if (highestLoad is null || load < highestLoad)
            {
                return load;
            }

            if (waited >= Patience)
            {
                throw new BenchmarkException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The load should fall below {highestLoad} within {Patience}, but is {load}; end other work, or give another --max-load."));
            }

            await Task.Delay(Interval, cancellationToken);
        }
    }
}
