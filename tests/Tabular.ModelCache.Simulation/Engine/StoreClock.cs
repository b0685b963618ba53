namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>The store's own clock, which is right.</summary>
internal sealed class StoreClock(VirtualTime time) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => time.UtcNow;
}
