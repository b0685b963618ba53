using System.Diagnostics;
using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>This program again, as a server. It says one line when it serves, answers each line with one, and ends with its standard input.</summary>
/// <typeparam name="THello">What its first line tells.</typeparam>
internal sealed class ServerProcess<THello> : IAsyncDisposable
{
    /// <summary>A registry computes the digests of its content first.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    public THello Hello { get; private set; } = default!;

    /// <summary>Gets what it has computed so far, in seconds of one core.</summary>
    public double CpuSeconds => ProcessStatistics.CpuSeconds(_process.Id);

    /// <exception cref="BenchmarkException">It did not start.</exception>
    public static async Task<ServerProcess<THello>> StartAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(BuildOutput.DotNet, [BuildOutput.OwnProgram, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var server = new ServerProcess<THello>(Process.Start(start) ?? throw new BenchmarkException("The server did not start."));
        try
        {
            server.Hello = await server.ReadAsync<THello>(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a line and waits for the answer.</summary>
    public async Task<TAnswer> AskAsync<TAnswer>(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync<TAnswer>(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await ((Task)_process.WaitForExitAsync(timeout.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<T> ReadAsync<T>(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Deadline);
        var line = await _process.StandardOutput.ReadLineAsync(timeout.Token)
            ?? throw new BenchmarkException("A server should answer with a line of JSON, but ended; its reason is above.");
        return JsonSerializer.Deserialize<T>(line) ?? throw new BenchmarkException($"A server should answer with a line of JSON, but wrote '{line}'.");
    }
}
