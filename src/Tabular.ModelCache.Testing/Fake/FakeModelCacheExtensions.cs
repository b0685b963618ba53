using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Testing;

/// <summary>Adds and finds a <see cref="FakeModelCache"/>.</summary>
public static class FakeModelCacheExtensions
{
    /// <summary>Puts a fake below the model cache of an app: the library runs, but contacts nothing and writes only to a temporary folder.</summary>
    /// <param name="services">The services of the app, with or without <c>AddModelCache</c>; it is called if it was not.</param>
    /// <param name="configure">Says how the start shall go; called when the host is built, after those of earlier calls.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    /// <remarks>
    /// Store, mount, sources, exit code and the library's own clock are replaced; the app's settings, its <see cref="TimeProvider"/> and the
    /// service that opens the gate are kept. Of the settings only those change that cannot hold for generated content:
    /// <see cref="ModelCacheOptions.MountPath"/> is the temporary folder, <see cref="ModelCacheOptions.Signing"/> is off, and the digest of a
    /// pinned <see cref="ModelOptions.Version"/> is left out. The host counts as started when the start of the model cache is over, or held.
    /// </remarks>
    /// <example>
    /// <code>
    /// factory.WithWebHostBuilder(host => host.ConfigureTestServices(services => services.AddFakeModelCache(fake => fake.Hold())));
    /// </code>
    /// </example>
    public static IServiceCollection AddFakeModelCache(this IServiceCollection services, Action<FakeModelCache>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var registration = services.FirstOrDefault(d => d.ServiceType == typeof(FakeRegistration))?.ImplementationInstance as FakeRegistration;
        if (registration is null)
        {
            services.AddModelCache();
            services.AddSingleton(registration = new FakeRegistration());
            AddFake(services, registration);
            ReplaceSeams(services);
        }

        if (configure is not null)
        {
            registration.Configure.Add(configure);
        }

        return services;
    }

    /// <summary>Finds the fake of an app.</summary>
    /// <param name="services">The services of the built host.</param>
    /// <returns>The fake.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><see cref="AddFakeModelCache"/> was not called.</exception>
    public static FakeModelCache GetFakeModelCache(this IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.GetService<FakeModelCache>() ??
            throw new InvalidOperationException("No fake model cache is registered; call services.AddFakeModelCache() before the host is built.");
    }

    private static void AddFake(IServiceCollection services, FakeRegistration registration)
    {
        services.AddSingleton<FakeClock>();
        services.AddSingleton<FakeFolder>();
        services.AddSingleton<FakeRecorder>();
        services.AddSingleton<IPostConfigureOptions<ModelCacheOptions>, FakeSettings>();
        services.AddSingleton(sp => new FakeModelCache(
            sp.GetRequiredService<IOptions<ModelCacheOptions>>().Value,
            sp.GetRequiredService<FakeClock>(),
            sp.GetRequiredService<FakeFolder>(),
            sp.GetRequiredService<ModelCacheStatusHolder>(),
            sp.GetRequiredService<FakeRecorder>(),
            registration.Configure,
            sp));
        services.AddHostedService<FakeStart>();
    }

    private static void ReplaceSeams(IServiceCollection services)
    {
        services.RemoveAll<SignerOverride>();
        services.AddKeyedSingleton<TimeProvider>(ModelCacheClock.Key, (sp, _) => sp.GetRequiredService<FakeClock>());
        services.Replace(ServiceDescriptor.Singleton<IExitCodeSink>(sp => sp.GetRequiredService<FakeRecorder>()));
        services.Replace(ServiceDescriptor.Singleton<IModelMount>(sp => sp.GetFakeModelCache().Mount));
        services.Replace(ServiceDescriptor.Singleton(sp => new ModelCachePlaces(sp.GetFakeModelCache().Store, sp.GetFakeModelCache().Store)));
        services.Replace(ServiceDescriptor.Singleton(sp => new ModelSources(
            sp.GetServices<ModelSourceRegistration>().Select(r => r with { Factory = _ => sp.GetFakeModelCache().Source }), sp)));

        // An instance that is alone in its bucket has nobody to stand back for.
        services.Replace(ServiceDescriptor.Singleton(sp => new LeaseManager(
            sp.GetFakeModelCache().Store,
            new LeaseTimings(sp.GetRequiredService<IOptions<ModelCacheOptions>>().Value.Lease.Ttl!.Value, TimeSpan.Zero),
            sp.GetRequiredService<ModelCacheClock>().Time,
            sp.GetRequiredService<ModelCacheClock>().Random,
            sp.GetRequiredService<ILogger<LeaseManager>>())));

        var service = services.First(d => d.ServiceType == typeof(IHostedService) && d.ImplementationType == typeof(ModelCacheService));
        services[services.IndexOf(service)] = ServiceDescriptor.Singleton<IHostedService>(sp =>
            ActivatorUtilities.CreateInstance<ModelCacheService>(sp, new FakeLifetime(sp.GetRequiredService<IHostApplicationLifetime>())));
    }
}
