using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Leases;

/// <summary>Makes candidates for the lease of each model.</summary>
internal sealed class LeaseManager(
    IObjectStore store, LeaseTimings timings, TimeProvider clock, Random random, ILogger<LeaseManager> logger, Action<string>? onLost = null)
{
    private const int NonceBytes = 8;

    public static string ObjectNameOf(string model) => $".locks/{model}.lease";

    public LeaseTimings Timings { get; } = timings;

    internal IObjectStore Store { get; } = store;

    internal TimeProvider Clock { get; } = clock;

    internal ILogger Logger { get; } = logger;

    /// <summary>Tells which model's lease was lost; it is called by the timer of the loss, and must be quick.</summary>
    internal Action<string>? OnLost { get; } = onLost;

    /// <summary>Makes a candidate, which remembers what it has observed from one try to the next.</summary>
    /// <param name="model">The model whose lease is wanted.</param>
    /// <param name="isInCrowd">Whether many may want it at the same moment, so that it stands back before it takes a free lease.</param>
    public LeaseCandidate CreateCandidate(string model, bool isInCrowd = true) => new(this, model, isInCrowd);

    internal string NewNonce()
    {
        var bytes = new byte[NonceBytes];
        random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>How long to stand back before a create, so that of any crowd only a few try it.</summary>
    internal TimeSpan ElectionDelay() => Timings.ElectionSlot * (Election.ChooseSlot(random.NextDouble()) + random.NextDouble());

    /// <summary>A wait with jitter, so that waiters that started together do not ask together.</summary>
    internal TimeSpan Jitter(TimeSpan interval) => interval * (1 + random.NextDouble());
}
