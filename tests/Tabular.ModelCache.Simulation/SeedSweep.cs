using System.Collections.Concurrent;
using System.Diagnostics;
using Tabular.ModelCache.Simulation.Planted;

namespace Tabular.ModelCache.Simulation;

/// <summary>Runs many seeds, as many at a time as there are cores; each has its own world and thread.</summary>
internal static class SeedSweep
{
    /// <summary>Runs seeds in order until one fails.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="createBug">Makes the planted bug of one seed; <see langword="null"/> plants none.</param>
    public static SweepResult Run(int first, int count, Func<PlantedBug>? createBug = null)
    {
        var watch = Stopwatch.StartNew();
        var next = first - 1;
        var failures = new ConcurrentBag<SimulationResult>();
        var coverage = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var done = 0;
        long events = 0;

        void Work()
        {
            while (failures.IsEmpty && Interlocked.Increment(ref next) is var seed && seed < first + count)
            {
                var result = Simulation.Run(seed, createBug?.Invoke());
                Interlocked.Increment(ref done);
                Interlocked.Add(ref events, result.Events);
                foreach (var (what, times) in result.Coverage)
                {
                    coverage.AddOrUpdate(what, times, (_, before) => before + times);
                }

                if (result.Violation is not null)
                {
                    failures.Add(result);
                }
            }
        }

        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return new SweepResult(done, events, watch.Elapsed, failures.MinBy(f => f.Seed), coverage);
    }
}
