using System.Diagnostics;
using System.Globalization;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;
using Tabular.ModelCache.Tests.Leases;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>Many processes start at once on an empty bucket; measured is until the last of them is ready.</summary>
/// <remarks>
/// The mount is the folder in which the server keeps the bucket, which shows a flip at once: what a mount's cache adds is not the protocol's. The processes
/// are workers without a web server, compiled ahead, so that two cores start them within seconds; a host watches the folder that it runs in, which is an empty one.
/// </remarks>
/// <param name="lab">Where it runs.</param>
internal sealed class Crowd(Lab lab) : IBenchmark, IAsyncDisposable
{
    private const double Share = 0.02;
    private const string Model = "demo";

    private static readonly int[] Simulated = [1_000, 10_000];

    private readonly int _processes = lab.Options.IsSmoke ? 4 : 64;
    private readonly string _folder = lab.CreateFolder("crowd");
    private ServerProcess<BucketHello>? _server;
    private string _simulation = "";
    private long _bytes;

    public string Name => "crowd";

    public string Ours => $"{_processes} processes start at once on an empty bucket, until all are ready";

    public long Bytes => _bytes;

    public string? Missing => null;

    /// <summary>Gets <see langword="false"/>: of a start of many processes the servers' is a small part.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        // A run with more pulls than one of each model fails.
        new("alone", "one process alone on an empty bucket", token => MeasureAsync(1, token)) { Aim = new Aim("1 pull", row => row.Pairs.Count > 0) },
    ];

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _server = await ServerProcess<BucketHello>.StartAsync([BucketServing.Command, "--directory", _folder], cancellationToken);
        var results = new List<string>();
        foreach (var crowd in lab.Options.IsSmoke ? Simulated[..1] : Simulated)
        {
            results.Add($"{await SimulatedCrowd.RunAsync(crowd)}");
        }

        _simulation = string.Join("; ", results);
    }

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var measurement = await MeasureAsync(_processes, cancellationToken);
        return measurement with
        {
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"1 pull; {(double)measurement.Bucket!.Requests / _processes:0.0} requests per process, {measurement.Bucket.Mutations} changes in all; simulated, of {_simulation}"),
        };
    }

    public async ValueTask DisposeAsync() => await (_server?.DisposeAsync() ?? default);

    private async Task<Measurement> MeasureAsync(int processes, CancellationToken cancellationToken)
    {
        var set = await lab.Models.GetServedAsync(Share, cancellationToken);
        _bytes = set.Bytes;
        var bucket = lab.NextName();
        var app = (await SampleApp.CreateAsync(lab, bucket, set, Directory.CreateDirectory(Path.Join(_folder, bucket)).FullName, cancellationToken))
            .With("STORAGE_EMULATOR_HOST", _server!.Hello.Endpoint.Authority).With("ModelCache__Models__0__Name", Model);
        var programs = await lab.GetProgramsAsync(Compilation.ReadyToRun, cancellationToken);
        var command = Programs.Run(programs.Worker, ["worker"], lab.CreateFolder("app")) with { Environment = app.Command().Environment };
        var registry = await lab.GetRegistryAsync(cancellationToken);
        await registry.AskAsync<Traffic>(RegistryServing.Traffic, cancellationToken);
        await _server.AskAsync<Traffic>(BucketServing.Traffic, cancellationToken);
        var measurement = await StartAsync(command, processes, cancellationToken);
        var pulled = await registry.AskAsync<Traffic>(RegistryServing.Traffic, cancellationToken);
        if (pulled.BytesOut < set.Bytes || pulled.BytesOut >= 2 * set.Bytes)
        {
            throw new BenchmarkException($"{processes} processes should pull {set.Bytes} bytes once, but the registry sent {pulled.BytesOut} bytes.");
        }

        var traffic = await _server.AskAsync<Traffic>(BucketServing.Traffic, cancellationToken);
        await _server.AskAsync<BucketContent>($"{BucketServing.Empty} {bucket}", cancellationToken);
        return measurement with { Bucket = traffic };
    }

    private static async Task<Measurement> StartAsync(Command command, int processes, CancellationToken cancellationToken)
    {
        var cpu = ProcessStatistics.CpuSecondsOfEndedChildren();
        var start = Stopwatch.GetTimestamp();
        var programs = new List<RunningProgram>();
        try
        {
            for (var i = 0; i < processes; i++)
            {
                programs.Add(RunningProgram.Start(command));
            }

            // A worker prints where its model lies, and whether it found it there, when it is ready.
            var lines = await Task.WhenAll(programs.Select(program => program.WaitForLineAsync("/", cancellationToken)));
            await Task.WhenAll(programs.Select(program => program.WaitForEndAsync(cancellationToken)));
            var misses = lines.Count(line => line.Text.EndsWith(" False", StringComparison.Ordinal));
            return misses == 1
                ? new Measurement(
                    Stopwatch.GetElapsedTime(start, lines.Max(line => line.At)).TotalSeconds, ProcessStatistics.CpuSecondsOfEndedChildren() - cpu, 0, null)
                : throw new BenchmarkException($"One of {processes} processes should have pulled '{Model}', but {misses} say so.");
        }
        finally
        {
            foreach (var program in programs)
            {
                await program.DisposeAsync();
            }
        }
    }
}
