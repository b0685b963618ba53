using System.Globalization;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Measures a job and its opponents in rounds: ours once, and each opponent once.</summary>
internal static class Rounds
{
    /// <param name="benchmark">The job.</param>
    /// <param name="options">How many rounds, and when.</param>
    /// <param name="progress">Is told of each run.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    /// <returns>A row for each opponent.</returns>
    public static async Task<IReadOnlyList<RowResult>> MeasureAsync(
        IBenchmark benchmark, BenchmarkOptions options, TextWriter progress, CancellationToken cancellationToken)
    {
        var opponents = benchmark.Opponents;
        var present = opponents.Where(opponent => (benchmark.Missing ?? opponent.Missing) is null).ToArray();
        var pairs = present.ToDictionary(opponent => opponent.Name, _ => new List<MeasuredPair>());

        // The first round finds servers whose code was never compiled, and does not count.
        for (var round = options.IsSmoke ? 1 : 0; present.Length > 0 && round <= options.Pairs; round++)
        {
            await progress.WriteLineAsync($"{benchmark.Name} {(round == 0 ? "warm-up" : $"{round}/{options.Pairs}")}");
            var load = await QuietMachine.WaitAsync(options.MaxLoad, cancellationToken);
            var (ours, theirs) = await MeasureRoundAsync(benchmark, present, round, progress, cancellationToken);
            foreach (var opponent in present.Where(_ => round > 0))
            {
                pairs[opponent.Name].Add(new MeasuredPair(load, ours, theirs[opponent.Name]));
            }
        }

        return
        [
            .. opponents.Select(opponent => new RowResult(
                $"{benchmark.Name}-{opponent.Name}", benchmark.Ours, opponent.Description, benchmark.Bytes, opponent.Quantity,
                benchmark.Missing ?? opponent.Missing, pairs.GetValueOrDefault(opponent.Name) ?? [])
            {
                Aim = opponent.Aim,
            }),
        ];
    }

    /// <summary>The order turns around from round to round, so that nobody always meets what the same other left.</summary>
    private static async Task<(Measurement Ours, Dictionary<string, Measurement> Theirs)> MeasureRoundAsync(
        IBenchmark benchmark, Opponent[] opponents, int round, TextWriter progress, CancellationToken cancellationToken)
    {
        Measurement? ours = null;
        var theirs = new Dictionary<string, Measurement>();
        Opponent?[] order = [null, .. opponents];
        foreach (var opponent in round % 2 == 0 ? order : order.Reverse())
        {
            var measurement = opponent is null ? await benchmark.MeasureOursAsync(cancellationToken) : await opponent.MeasureAsync(cancellationToken);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"  {opponent?.Name ?? "ours"}: {measurement.Seconds:0.00} s, {measurement.CpuSeconds:0.00} CPU s {measurement.Note}"));
            if (opponent is null)
            {
                ours = measurement;
            }
            else
            {
                theirs.Add(opponent.Name, measurement);
            }
        }

        return (ours!, theirs);
    }
}
