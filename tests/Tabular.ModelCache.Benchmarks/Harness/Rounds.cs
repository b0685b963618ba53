using System.Diagnostics;
using System.Globalization;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Measures a job and its opponents in rounds: ours once, and each opponent once.</summary>
internal static class Rounds
{
    /// <param name="benchmark">The job; what it holds is given back at the end if it can be disposed of.</param>
    /// <param name="options">How many rounds, and when.</param>
    /// <param name="progress">Is told of each run.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    /// <returns>A row for each opponent and each of our ways.</returns>
    public static async Task<IReadOnlyList<RowResult>> MeasureAsync(
        IBenchmark benchmark, BenchmarkOptions options, TextWriter progress, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return await MeasureRoundsAsync(benchmark, options, progress, cancellationToken);
        }
        finally
        {
            await ((benchmark as IAsyncDisposable)?.DisposeAsync() ?? default);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{benchmark.Name} took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s"));
        }
    }

    private static async Task<IReadOnlyList<RowResult>> MeasureRoundsAsync(
        IBenchmark benchmark, BenchmarkOptions options, TextWriter progress, CancellationToken cancellationToken)
    {
        await benchmark.PrepareAsync(cancellationToken);
        var opponents = benchmark.Opponents;
        var present = opponents.Where(opponent => (benchmark.Missing ?? opponent.Missing) is null).ToArray();
        Variant[] ways = [new(benchmark.Name, benchmark.Ours, benchmark.MeasureOursAsync), .. benchmark.Variants];
        var pairs = ways.SelectMany(way => present.Select(opponent => (way.Name, opponent.Name))).ToDictionary(key => key, _ => new List<MeasuredPair>());

        var rounds = options.IsSmoke ? 1 : options.Pairs * benchmark.RoundsFactor;

        // The first round finds servers whose code was never compiled, and does not count.
        for (var round = options.IsSmoke || !benchmark.NeedsWarmUp ? 1 : 0; present.Length > 0 && round <= rounds; round++)
        {
            await progress.WriteLineAsync($"{benchmark.Name} {(round == 0 ? "warm-up" : $"{round}/{rounds}")}");
            var load = await QuietMachine.WaitAsync(options.MaxLoad, cancellationToken);
            var runs = await MeasureRoundAsync(
                [.. ways.Select(way => (way.Name, way.MeasureAsync)), .. present.Select(opponent => (opponent.Name, opponent.MeasureAsync))],
                round,
                progress,
                cancellationToken);
            foreach (var (way, opponent) in pairs.Keys.Where(_ => round > 0))
            {
                pairs[(way, opponent)].Add(new MeasuredPair(load, runs[way], runs[opponent]));
            }
        }

        return
        [
            .. ways.SelectMany(way => opponents.Select(opponent => new RowResult(
                $"{way.Name}-{opponent.Name}", way.Ours, opponent.Description, benchmark.Bytes, opponent.Quantity,
                benchmark.Missing ?? opponent.Missing, pairs.GetValueOrDefault((way.Name, opponent.Name)) ?? [])
            {
                Aim = opponent.Aim,
            })),
        ];
    }

    /// <summary>The order turns around from round to round, so that nobody always meets what the same other left.</summary>
    private static async Task<Dictionary<string, Measurement>> MeasureRoundAsync(
        (string Name, Func<CancellationToken, Task<Measurement>> MeasureAsync)[] runs, int round, TextWriter progress, CancellationToken cancellationToken)
    {
        var measurements = new Dictionary<string, Measurement>();
        foreach (var (name, measure) in round % 2 == 0 ? runs : runs.Reverse())
        {
            var measurement = await measure(cancellationToken);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"  {name}: {measurement.Seconds:0.00} s, {measurement.CpuSeconds:0.00} CPU s {measurement.Note}"));
            measurements.Add(name, measurement);
        }

        return measurements;
    }
}
