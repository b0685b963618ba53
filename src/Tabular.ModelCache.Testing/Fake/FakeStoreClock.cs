namespace Tabular.ModelCache.Testing;

/// <summary>The clock of the fake's store: that of the library, except while versions of other days are published.</summary>
internal sealed class FakeStoreClock(TimeProvider clock) : TimeProvider
{
    /// <summary>Gets or sets the time that the store takes it for; <see langword="null"/> takes the clock's.</summary>
    public DateTimeOffset? Override { get; set; }

    public override DateTimeOffset GetUtcNow() => Override ?? clock.GetUtcNow();
}
