using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>Faults by the throw of a die: overload, broken connections before and after the effect, and slowness.</summary>
internal sealed class RandomFaults(int seed)
{
    private const int LongestLatency = 150;

    // Two failures in a row are what a holder of a lease survives; more would be an outage, and rightly end its lease.
    private const int MostInARow = 2;

    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, int> _inARow = new(StringComparer.Ordinal);

    public int Injected { get; private set; }

    public CloudStorageFault? Next(CloudStorageRequest request)
    {
        lock (_gate)
        {
            var latency = _random.Next(4) == 0 ? TimeSpan.FromMilliseconds(_random.Next(LongestLatency)) : TimeSpan.Zero;
            var fault = _random.Next(100) switch
            {
                < 3 => CloudStorageFault.Error(503),
                < 5 => CloudStorageFault.Error(429, "rateLimitExceeded"),
                < 7 => CloudStorageFault.ResetBefore(),
                < 9 => CloudStorageFault.LoseResponse(),
                _ => null,
            };
            var key = $"{request.Method} {request.ObjectName}";
            var inARow = fault is null ? 0 : _inARow.GetValueOrDefault(key) + 1;
            if (inARow > MostInARow)
            {
                inARow = 0;
                fault = null;
            }

            _inARow[key] = inARow;
            Injected += fault is null ? 0 : 1;
            return fault is not null ? fault with { Latency = latency } : CloudStorageFault.Delay(latency);
        }
    }
}
