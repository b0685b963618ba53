using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Operations;

/// <summary>Registers the operations.</summary>
internal static class OperationServices
{
    /// <param name="services">The services of the app.</param>
    /// <param name="writable">The store, or an exception that says why nothing can be written.</param>
    public static void AddOperations(this IServiceCollection services, Func<IServiceProvider, ModelCachePlaces> writable)
    {
        services.TryAddSingleton<IModelCacheOperations, ModelCacheOperations>();
        services.TryAddSingleton<ModelNames>();
        services.TryAddSingleton<StatusReader>();
        services.TryAddSingleton<SyncRunner>();
        services.TryAddSingleton<BillingAfterDeletion>();
        services.TryAddSingleton<LeaseWaiter>();
        services.AddLazySingleton(sp => new ManifestOperator(
            writable(sp).Store!,
            writable(sp).Manifests!,
            sp.GetRequiredService<ManifestFlipper>(),
            sp.GetRequiredService<LeaseWaiter>(),
            sp.GetRequiredService<ILogger<ManifestOperator>>()));
        services.AddLazySingleton(sp => new CacheCleaner(
            writable(sp).Store!,
            writable(sp).Manifests!,
            sp.GetRequiredService<VersionPruner>(),
            sp.GetRequiredService<LeaseWaiter>(),
            sp.GetRequiredService<ModelCacheClock>()));
        services.AddLazySingleton(sp => new LeaseUnlocker(sp.GetRequiredService<LeaseManager>()));
    }

    private static void AddLazySingleton<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        this IServiceCollection services, Func<IServiceProvider, T> create)
        where T : class => services.TryAddSingleton(sp => new Lazy<T>(() => create(sp)));
}
