using Microsoft.Extensions.DependencyInjection;

namespace Tabular.ModelCache.Configuration;

/// <summary>
/// The clock and the randomness of the library, apart from those of the app: a test can move the one and leave the other alone.
/// </summary>
internal sealed record ModelCacheClock(TimeProvider Time, Random Random)
{
    /// <summary>The key of a <see cref="TimeProvider"/> among the services that is the library's alone; without one the app's is taken, then the system's.</summary>
    public const string Key = "Tabular.ModelCache";

    public static ModelCacheClock Create(IServiceProvider services)
    {
        // Not every container knows keys, and an app that registers no key must not need one that does.
        var own = (services as IKeyedServiceProvider)?.GetKeyedService(typeof(TimeProvider), Key) as TimeProvider;
        return new ModelCacheClock(own ?? services.GetService<TimeProvider>() ?? TimeProvider.System, Random.Shared);
    }
}
