using System.Diagnostics;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;
using Tabular.ModelCache.Sources.Ollama;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The instance that pulls is killed in the middle of a file, and another one, which waits for it, takes its lease.</summary>
/// <remarks>Measured is from SIGKILL to the lease; the first looks of the one that waits, and its start, lie before.</remarks>
internal sealed class Takeover(Lab lab) : IBenchmark, IAsyncDisposable
{
    private const string Model = "language-model";
    private const double Share = 0.02;

    // The shortest for which a look at the lease is not made rarer than its share of the time to live: LeaseTimings has a second as its least pause.
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(7.5);

    // Unchanged for a time to live, seen by two looks with a pause before each: a pause is a second, and up to two with its jitter (docs/protocol.md).
    private static readonly TimeSpan Longest = Ttl + (2 * TimeSpan.FromSeconds(2));

    private readonly HttpClient _client = new();
    private Queue<Measurement> _measured = new();
    private long _bytes;

    public string Name => "takeover";

    public string Ours => "a waiting instance takes the lease of one that was killed in a pull";

    public long Bytes => _bytes;

    public string? Missing => null;

    /// <summary>Gets <see langword="false"/>: what is measured is a wait.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("ttl", $"the lease's time to live, {Ttl.TotalSeconds} s", _ => Task.FromResult(new Measurement(Ttl.TotalSeconds, 0, 0, null)))
        {
            Aim = Aim.AtMost(Longest / Ttl),
        },
    ];

    /// <summary>Measures all rounds at the same time: next to nothing is computed while they wait.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var set = await lab.Models.GetServedAsync(Share, cancellationToken);
        _bytes = set.Bytes;
        var apps = new List<SampleApp>();
        for (var i = 0; i < lab.Options.Pairs; i++)
        {
            var app = await SampleApp.CreateAsync(lab, lab.NextName(), set, lab.CreateFolder("unmounted"), cancellationToken);
            apps.Add(app.With("ModelCache__Lease__Ttl", $"{Ttl}"));
        }

        var registry = await lab.GetRegistryAsync(cancellationToken);
        await registry.AskAsync<bool>(RegistryServing.Hold, cancellationToken);
        try
        {
            _measured = new Queue<Measurement>(await Task.WhenAll(apps.Select(app => MeasureAsync(app, cancellationToken))));
        }
        finally
        {
            await registry.AskAsync<bool>(RegistryServing.Release, CancellationToken.None);
        }
    }

    public Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken) => Task.FromResult(_measured.Dequeue());

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return default;
    }

    /// <summary>Two start at once; the one that is first holds the lease while the registry keeps the rest of each file back.</summary>
    private async Task<Measurement> MeasureAsync(SampleApp app, CancellationToken cancellationToken)
    {
        int[] ports = [FreePort.Find(Random.Shared), FreePort.Find(Random.Shared)];
        await using var one = RunningProgram.Start(app.Service(ports[0]));
        await using var two = RunningProgram.Start(app.Service(ports[1]));
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var holder = await await Task.WhenAny(AcquireAsync(one, decided.Token), AcquireAsync(two, decided.Token));
        await decided.CancelAsync();
        var (other, port) = holder == one ? (two, ports[1]) : (one, ports[0]);
        await other.WaitForTextAsync(_client, new Uri($"http://127.0.0.1:{port}/healthz"), "waiting for", cancellationToken);
        var killed = holder.Kill();
        var taken = await other.WaitForLineAsync($"Acquired the lease of {Model}", cancellationToken);
        var measurement = other.MeasureUntil(taken.At);
        other.Kill();
        return measurement with { Seconds = Stopwatch.GetElapsedTime(killed, taken.At).TotalSeconds };
    }

    private static async Task<RunningProgram> AcquireAsync(RunningProgram program, CancellationToken cancellationToken)
    {
        await program.WaitForLineAsync($"Acquired the lease of {Model}", cancellationToken);
        return program;
    }
}
