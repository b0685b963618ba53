using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Jobs;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Reports;

namespace Tabular.ModelCache.Benchmarks;

/// <summary>Measures the jobs one after the other and reports them.</summary>
internal static class BenchmarkProgram
{
    private const int Failed = 1;
    private const int Usage = 64;

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        if (!BuildOutput.IsRelease && !options.IsSmoke)
        {
            await Console.Error.WriteLineAsync("Expected a Release build, found another, whose times mean nothing; add '-c Release' to 'dotnet run'.");
            return Usage;
        }

        try
        {
            await using var lab = new Lab(options);
            IBenchmark[] all =
            [
                new GateOnHit(lab),
                new GateSize(lab, VerificationLevel.Marker),
                new GateSize(lab, VerificationLevel.Metadata),
                new VerifyContent(lab, isWarm: false),
                new VerifyContent(lab, isWarm: true),
                new PullAndPublish(lab),
                new NightlySync(lab),
                new Rollback(lab),
                new VerifySignatures(),
                new StartToReady(lab, Compilation.JustInTime),
                new StartToReady(lab, Compilation.ReadyToRun),
                new StartToReady(lab, Compilation.Composite),
                new Crowd(lab),
                new ManyFiles(lab),
                new Takeover(lab),
            ];
            var chosen = all.Where(benchmark => benchmark.Name.StartsWith(options.Only ?? "", StringComparison.Ordinal)).ToArray();
            if (chosen.Length == 0)
            {
                await Console.Error.WriteLineAsync($"--only must begin one of {string.Join(", ", all.Select(b => b.Name))}, but is '{options.Only}'.");
                return Usage;
            }

            var results = new List<RowResult>();
            foreach (var benchmark in chosen)
            {
                results.AddRange(await Rounds.MeasureAsync(benchmark, options, Console.Error, cancellationToken));
            }

            var report = new BenchmarkReport(Machine.Describe(), options, results);
            Console.Out.Write(MarkdownTable.Format(results));
            await Console.Error.WriteLineAsync($"Written to {await JsonReport.WriteAsync(report, cancellationToken)}");
            return 0;
        }
        catch (BenchmarkException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failed;
        }
    }
}
