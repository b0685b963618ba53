using System.Collections.Concurrent;
using System.Text;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>Gives inputs to a parser and looks at what it does: which exception, how many bytes it allocates, whether it ends.</summary>
internal sealed class FuzzRun(string name, FuzzTarget target, int seed)
{
    /// <summary>What one input may make a parser allocate.</summary>
    public const long MostBytes = 64L << 20;

    private const int Batch = 500;

    private readonly ConcurrentDictionary<int, int> _current = new();
    private long _accepted;
    private long _most;

    public long Accepted => Interlocked.Read(ref _accepted);

    public long MostAllocated => Interlocked.Read(ref _most);

    /// <summary>Gives so many generated inputs to the parser, on all processors.</summary>
    /// <param name="count">How many.</param>
    /// <param name="patience">No single input takes a noticeable time, so that only one that hangs comes near this for all of them.</param>
    public async Task RunAsync(int count, TimeSpan patience)
    {
        var inputs = new FuzzInputs(target, seed);
        var work = Task.Run(() => Parallel.For(0, (count + Batch - 1) / Batch, (batch, loop) =>
        {
            for (var number = batch * Batch; number < Math.Min(count, (batch + 1) * Batch) && !loop.ShouldExitCurrentIteration; number++)
            {
                var bytes = inputs.Make(number);
                _current[batch] = number;
                Try(bytes, () => $"input {number} of seed {seed}");
            }

            _current.TryRemove(batch, out _);
        }));
        try
        {
            await work.WaitAsync(patience, TimeProvider.System);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{name} hangs in one of the inputs {string.Join(", ", _current.Values)} of seed {seed}.", e);
        }
        catch (AggregateException e)
        {
            throw e.InnerExceptions[0];
        }
    }

    /// <summary>Gives one input to the parser.</summary>
    public void Try(byte[] bytes, Func<string> describe)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            if (target.Parse(bytes))
            {
                Interlocked.Increment(ref _accepted);
            }
        }
        catch (Exception e) when (!target.Declared.Contains(e.GetType()))
        {
            throw new InvalidOperationException($"{name}, {describe()}: {Show(bytes)}: {e.Message}", e);
        }
        catch (Exception e) when (e is ModelCacheException or FormatException && (e.Message.Length > 4096 || e.Message.AsSpan().ContainsAny('\n', '\r', '\0')))
        {
            throw new InvalidOperationException($"{name}, {describe()}: {Show(bytes)}: the message is not one line of bounded length: {e.Message[..Math.Min(500, e.Message.Length)]}", e);
        }
        catch (Exception)
        {
            // Refused as declared.
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > Interlocked.Read(ref _most))
        {
            Interlocked.Exchange(ref _most, allocated);
        }

        if (allocated > MostBytes)
        {
            throw new InvalidOperationException($"{name}, {describe()}: {bytes.Length} bytes made it allocate {allocated}: {Show(bytes)}");
        }
    }

    private static string Show(byte[] bytes) => bytes.Length <= 4096
        ? Convert.ToBase64String(bytes)
        : $"{Encoding.Latin1.GetString(bytes.AsSpan(0, 600))}...{Encoding.Latin1.GetString(bytes.AsSpan(bytes.Length - 100))}";
}
