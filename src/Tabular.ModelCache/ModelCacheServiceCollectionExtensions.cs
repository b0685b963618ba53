using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Signing.CloudKms;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Sources.Directories;
using Tabular.ModelCache.Sources.Http;
using Tabular.ModelCache.Sources.HuggingFace;
using Tabular.ModelCache.Sources.Ollama;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache;

/// <summary>Adds the model cache to an app.</summary>
public static class ModelCacheServiceCollectionExtensions
{
    // A create of Cloud Storage is answered within some 100 ms and seen by every read from then on.
    private static readonly TimeSpan ElectionSlot = TimeSpan.FromMilliseconds(200);

    /// <summary>Adds the model cache with the settings of the configuration section <c>ModelCache</c>.</summary>
    /// <param name="services">The services of the app.</param>
    /// <returns>A builder for what is not a setting.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    /// <remarks>
    /// This adds <see cref="IModelCache"/>, <see cref="IModelCacheOperations"/>, a hosted service that opens the gate, and the health check
    /// <see cref="ModelCacheDiagnostics.HealthCheckName"/> with the tag <see cref="ModelCacheDiagnostics.ReadyTag"/>. Calling it again is
    /// safe; the start fails when two calls set the same thing differently.
    /// </remarks>
    public static IModelCacheBuilder AddModelCache(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        GetOrAddRegistrations(services);
        return new ModelCacheBuilder(services);
    }

    /// <summary>Adds the model cache with the settings of the section <c>ModelCache</c>, changed by code.</summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configure">Changes the settings after they were bound; may be called more than once.</param>
    /// <returns>A builder for what is not a setting.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <remarks><inheritdoc cref="AddModelCache(IServiceCollection)" path="/remarks"/></remarks>
    public static IModelCacheBuilder AddModelCache(this IServiceCollection services, Action<ModelCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        GetOrAddRegistrations(services).Add(configure);
        return new ModelCacheBuilder(services);
    }

    /// <summary>Adds the model cache with the settings of a section of one's own choice.</summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configuration">The section; of a whole configuration, its section <c>ModelCache</c> is taken.</param>
    /// <returns>A builder for what is not a setting.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">An earlier call named another section.</exception>
    /// <remarks><inheritdoc cref="AddModelCache(IServiceCollection)" path="/remarks"/></remarks>
    public static IModelCacheBuilder AddModelCache(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        GetOrAddRegistrations(services).Add(configuration);
        return new ModelCacheBuilder(services);
    }

    private static Registrations GetOrAddRegistrations(IServiceCollection services)
    {
        // The instance is the marker that keeps a second call from adding anything twice.
        if (services.FirstOrDefault(d => d.ServiceType == typeof(Registrations))?.ImplementationInstance is Registrations known)
        {
            return known;
        }

        var registrations = new Registrations();
        services.AddSingleton(registrations);
        AddOptions(services, registrations);
        AddCore(services);
        services.AddSourceHttp();
        services.AddOllamaSource();
        services.AddOperations(Writable);
        AddPlaces(services);
        AddDiagnostics(services);
        return registrations;
    }

    private static void AddOptions(IServiceCollection services, Registrations registrations)
    {
        services.AddOptionsWithValidateOnStart<ModelCacheOptions>()
            .Configure<IServiceProvider>((options, provider) =>
            {
                var section = registrations.Section ?? provider.GetService<IConfiguration>()?.GetSection(ModelCacheOptions.SectionName);
                try
                {
                    if (section is not null)
                    {
                        section.Bind(options);
                    }
                }
                catch (InvalidOperationException e)
                {
                    throw BindingError.Translate(e);
                }

                registrations.Apply(options);
            });
        services.TryAddSingleton(_ => new SettingPath(registrations.SectionPath));
        services.TryAddSingleton(sp => new PathBase(sp.GetService<IHostEnvironment>()));
        services.TryAddSingleton(sp => new DeploymentVariables(
            sp.GetRequiredService<SettingPath>(), sp.GetRequiredService<PathBase>(), sp.GetService<IConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<ModelCacheOptions>>(sp => sp.GetRequiredService<DeploymentVariables>());
        services.AddSingleton<IValidateOptions<ModelCacheOptions>, ModelCacheOptionsFieldValidator>();
        services.AddSingleton<IValidateOptions<ModelCacheOptions>, ModelCacheOptionsValidator>();
        services.AddSingleton<IValidateOptions<ModelCacheOptions>>(sp => new SigningOptionsValidator(
            sp.GetRequiredService<SettingPath>(), sp.GetRequiredService<PathBase>(), sp.GetService<SignerOverride>()));
        services.AddSingleton(new ModelSourceRegistration("dir", sp => ActivatorUtilities.CreateInstance<DirectorySource>(sp)));
        services.AddSingleton(new ModelSourceRegistration("hf", sp => ActivatorUtilities.CreateInstance<HuggingFaceSource>(sp)));
    }

    private static void AddCore(IServiceCollection services)
    {
        services.TryAddSingleton(ModelCacheClock.Create);
        services.TryAddSingleton<IExitCodeSink, ProcessExitCode>();
        services.TryAddSingleton<ModelCacheGate>();
        services.TryAddSingleton<IModelCache>(sp => sp.GetRequiredService<ModelCacheGate>());
        services.TryAddSingleton<ModelCacheStatusHolder>();
        services.TryAddSingleton<ModelSources>();
        services.TryAddSingleton<ManifestReader>();
        services.TryAddSingleton<EarlyManifest>();
        services.TryAddSingleton<StartupSequence>();
        services.TryAddSingleton<ModelStarter>();
        services.TryAddSingleton<ModelPuller>();
        services.TryAddSingleton(sp => new Lazy<ModelPuller>(sp.GetRequiredService<ModelPuller>));
        services.TryAddSingleton<MountDiagnosis>();
        services.TryAddSingleton<VersionWaiter>();
        services.TryAddSingleton<UpdateSwitch>();
        services.TryAddSingleton<UpdateWatch>();
        services.TryAddSingleton<ReadyMonitor>();
        services.TryAddSingleton(sp => DoctorSurroundings.Create(sp.GetService<IConfiguration>()));
        services.TryAddSingleton(CreateDoctor);
        services.TryAddSingleton(sp => new ModelPublisher(
            Writable(sp).Store!,
            Writable(sp).Manifests!,
            sp.GetRequiredService<ModelSources>(),
            sp.GetRequiredService<ManifestFlipper>(),
            sp.GetRequiredService<VersionPruner>(),
            new FolderObjects(Writable(sp).Store!, Options(sp) is { SharedVolumeEnabled: true, Mount.WriteFolderObjects: true }),
            sp.GetRequiredService<PartLimits>(),
            sp.GetRequiredService<PartBuffers>(),
            new VersionSigner(Writable(sp).Store!, Writable(sp).Trust),
            sp.GetRequiredService<ILogger<ModelPublisher>>()));
        services.TryAddSingleton(_ => new PartLimits());
        services.TryAddSingleton<PartBuffers>();
        services.TryAddSingleton(sp => new ContentReader(sp.GetRequiredService<IModelMount>(), sp.GetRequiredService<ModelCacheClock>().Time));
        services.TryAddSingleton(sp => new VersionVerifier(
            sp.GetRequiredService<IModelMount>(), sp.GetRequiredService<ModelCachePlaces>().Store, sp.GetRequiredService<ContentReader>()));
        services.AddHostedService<ModelCacheService>();
    }

    private static void AddPlaces(IServiceCollection services)
    {
        services.TryAddSingleton(_ => new MountTable(MountInfo.Load));
        services.TryAddSingleton(sp => new MountIdentity(Options(sp), sp.GetRequiredService<SettingPath>(), sp.GetRequiredService<MountTable>()));
        services.TryAddSingleton<IModelMount>(sp => new FileSystemMount(
            Options(sp),
            sp.GetRequiredService<SettingPath>(),
            sp.GetRequiredService<MountIdentity>(),
            sp.GetRequiredService<ModelCacheClock>().Time,
            sp.GetRequiredService<ILogger<FileSystemMount>>()));
        services.TryAddSingleton(CreateKmsSigner);
        services.TryAddSingleton(CreatePlaces);
        services.TryAddSingleton(sp =>
        {
            var clock = sp.GetRequiredService<ModelCacheClock>();
            var slot = Options(sp).SharedVolumeEnabled == true ? ElectionSlot : TimeSpan.Zero;
            return new LeaseManager(
                Writable(sp).LeaseStore!,
                new LeaseTimings(Options(sp).Lease.Ttl!.Value, slot),
                clock.Time,
                clock.Random,
                sp.GetRequiredService<ILogger<LeaseManager>>(),
                sp.GetRequiredService<ModelCacheMetrics>().RecordLeaseLoss);
        });
        services.TryAddSingleton(sp =>
        {
            var clock = sp.GetRequiredService<ModelCacheClock>();
            return new ManifestFlipper(Writable(sp).Manifests!, clock.Time, clock.Random, sp.GetRequiredService<ILogger<ManifestFlipper>>());
        });
        services.TryAddSingleton(sp => new VersionPruner(
            Writable(sp).Store!, sp.GetRequiredService<ManifestFlipper>(), Options(sp).Retention, sp.GetRequiredService<ILogger<VersionPruner>>()));
    }

    private static void AddDiagnostics(IServiceCollection services)
    {
        services.TryAddSingleton<ILoggerFactory>(_ => NullLoggerFactory.Instance);
        services.TryAdd(ServiceDescriptor.Singleton(typeof(ILogger<>), typeof(Logger<>)));
        services.AddMetrics();
        services.TryAddSingleton<ModelCacheMetrics>();
        services.TryAddSingleton<ModelCacheActivities>();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            ModelCacheDiagnostics.HealthCheckName,
            sp => ActivatorUtilities.CreateInstance<ModelCacheHealthCheck>(sp),
            failureStatus: HealthStatus.Unhealthy,
            tags: [ModelCacheDiagnostics.ReadyTag]));
    }

    private static ModelCacheDoctor CreateDoctor(IServiceProvider services)
    {
        // What depends on the settings is made by the first run, because wrong settings are a finding.
        var options = services.GetRequiredService<IOptions<ModelCacheOptions>>();
        return new ModelCacheDoctor(
            options,
            stop => new DoctorContext(
                options,
                services.GetRequiredService<SettingPath>(),
                services.GetRequiredService<PathBase>(),
                services.GetRequiredService<ModelCachePlaces>(),
                services.GetRequiredService<IModelMount>(),
                services.GetRequiredService<MountTable>(),
                services.GetRequiredService<DoctorSurroundings>(),
                services.GetRequiredService<ModelCacheClock>(),
                stop),
            services.GetRequiredService<ModelCacheClock>());
    }

    /// <summary>Nothing is signed or verified where no key is configured.</summary>
    internal static ManifestTrust? CreateTrust(IServiceProvider services)
    {
        var options = Options(services).Signing;
        var (path, paths) = (services.GetRequiredService<SettingPath>(), services.GetRequiredService<PathBase>());
        var trusted = SigningKeys.LoadTrusted(options, path, paths);
        IModelSigner? signer =
            services.GetService<SignerOverride>() is { } chosen ? chosen.Signer :
            !string.IsNullOrWhiteSpace(options.KmsKey) ? services.GetRequiredService<KmsModelSigner>() : SigningKeys.LoadPrivate(options, path, paths);
        var hasKey = trusted.Count > 0 || signer is not null;
        return hasKey || options.MinimumSequence > 0
            ? new ManifestTrust(trusted, signer, hasKey && options.Policy != SigningPolicy.Off, options.MinimumSequence, path.Key("Signing"))
            : null;
    }

    /// <summary>Asked for only where a key of Cloud KMS is configured.</summary>
    private static KmsModelSigner CreateKmsSigner(IServiceProvider services)
    {
        var (key, options) = SigningKeys.ReadKms(Options(services).Signing, services.GetRequiredService<SettingPath>())!.Value;
        var clock = services.GetRequiredService<ModelCacheClock>();
        return new KmsModelSigner(key, options with
        {
            Credential = services.GetService<StorageCredential>()?.Initializer,
            TimeProvider = clock.Time,
            Random = clock.Random,
        });
    }

    private static ModelCachePlaces CreatePlaces(IServiceProvider services)
    {
        var trust = CreateTrust(services);
        if (services.GetService<ObjectStoreOverride>() is { Store: var chosen })
        {
            return new ModelCachePlaces(chosen, chosen, trust);
        }

        var options = Options(services);
        var clock = services.GetRequiredService<ModelCacheClock>();
        if (options.SharedVolumeEnabled != true)
        {
            var store = new DirectoryObjectStore(options.MountPath!, clock.Time, clock.Random);
            return new ModelCachePlaces(store, store, trust);
        }

        if (string.IsNullOrEmpty(options.Bucket))
        {
            return new ModelCachePlaces(null, null, trust);
        }

        var service = services.GetService<StorageService>();
        var bucket = new GoogleCloudStoreOptions
        {
            Bucket = options.Bucket,
            Prefix = options.Prefix ?? "",
            UserProject = options.UserProject,
            Endpoint = service?.Endpoint ?? StorageEndpoint.FromEnvironment(),
            Credential = service is null ? services.GetService<StorageCredential>()?.Initializer : service.Credential,
            TimeProvider = clock.Time,
            Random = clock.Random,
        };
        return new ModelCachePlaces(new GoogleCloudObjectStore(bucket), new GoogleCloudObjectStore(bucket with { Retries = false }), trust);
    }

    /// <summary>Asked for only where something is written, which the start refuses before when nothing can be.</summary>
    private static ModelCachePlaces Writable(IServiceProvider services)
    {
        var places = services.GetRequiredService<ModelCachePlaces>();
        return places.Store is not null
            ? places
            : throw new ModelCacheException(
                $"The shared volume {Options(services).MountPath} is read only because {services.GetRequiredService<SettingPath>().Key("Bucket")} is not set.");
    }

    private static ModelCacheOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<ModelCacheOptions>>().Value;
}
