using System.Globalization;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Measures the pairs of a row.</summary>
internal static class Pairs
{
    /// <param name="row">The row.</param>
    /// <param name="options">How many pairs, and when.</param>
    /// <param name="progress">Is told of each pair.</param>
    /// <param name="cancellationToken">Cancels the measurement.</param>
    public static async Task<RowResult> MeasureAsync(IBenchmarkRow row, BenchmarkOptions options, TextWriter progress, CancellationToken cancellationToken)
    {
        var pairs = new List<MeasuredPair>();
        if (row.Missing is null)
        {
            // The first pair finds servers whose code was never compiled, and does not count.
            for (var i = 0; i <= options.Pairs; i++)
            {
                var pair = await MeasurePairAsync(row, options.MaxLoad, oursFirst: i % 2 == 0, cancellationToken);
                await progress.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.Name} {(i == 0 ? "warm-up" : $"{i}/{options.Pairs}")}: {pair.Ours.Seconds:0.00} s / {pair.Against.Seconds:0.00} s = {pair.Ratio:0.00}, load {pair.Load:0.0}"));
                if (i > 0)
                {
                    pairs.Add(pair);
                }
            }
        }

        return new RowResult(row.Name, row.Ours, row.Against, row.Bytes, row.Missing, pairs);
    }

    /// <summary>Which side goes first alternates, so that neither always meets what the other left.</summary>
    private static async Task<MeasuredPair> MeasurePairAsync(
        IBenchmarkRow row, double? maxLoad, bool oursFirst, CancellationToken cancellationToken)
    {
        var load = await QuietMachine.WaitAsync(maxLoad, cancellationToken);
        if (oursFirst)
        {
            var ours = await row.MeasureOursAsync(cancellationToken);
            return new MeasuredPair(load, ours, await row.MeasureAgainstAsync(cancellationToken));
        }

        var against = await row.MeasureAgainstAsync(cancellationToken);
        return new MeasuredPair(load, await row.MeasureOursAsync(cancellationToken), against);
    }
}
