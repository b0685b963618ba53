namespace Tabular.ModelCache.Configuration;

/// <summary>
/// The clock and the randomness of the library, apart from those of the app: a test can move the one and leave the other alone.
/// </summary>
internal sealed record ModelCacheClock(TimeProvider Time, Random Random);
