using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Doctor;

/// <summary>What the checks of one run look at. What several of them need is observed once, with a deadline, and never throws.</summary>
internal sealed class DoctorContext
{
    /// <summary>Those that reading needs, and those that a pull, its publishing and its lease need besides.</summary>
    public static readonly IReadOnlyList<string> ReadPermissions = ["storage.objects.get", "storage.objects.list"];
    public static readonly IReadOnlyList<string> WritePermissions = ["storage.objects.create", "storage.objects.delete", "storage.objects.update"];
    public const string BucketPermission = "storage.buckets.get";

    // A request of the store that is not repeated ends after 30 s at the latest; a person waits for this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ModelCachePlaces _places;
    private readonly PathBase _paths;
    private readonly CancellationToken _stop;
    private readonly Lazy<Task<Observed<bool>>> _mount;
    private readonly Lazy<Task<Observed<ManifestSnapshot>>> _stored;
    private readonly Lazy<Task<Observed<ManifestSnapshot>>> _shown;
    private readonly Lazy<Task<Observed<BucketResource>>> _bucket;
    private readonly Lazy<Task<Observed<PermissionsAnswer>>> _permissions;
    private readonly Lazy<MountEntry?> _mountEntry;

    public DoctorContext(
        IOptions<ModelCacheOptions> options,
        SettingPath path,
        PathBase paths,
        ModelCachePlaces places,
        IModelMount mount,
        MountTable table,
        DoctorSurroundings surroundings,
        ModelCacheClock clock,
        CancellationToken stop)
    {
        Options = options.Value;
        Path = path;
        Began = clock.Time.GetUtcNow();
        _paths = paths;
        Mount = mount;
        Surroundings = surroundings;
        Time = clock.Time;
        Models = WantedModel.From(Options);
        _places = places;
        _stop = stop;
        _mountEntry = new(() => MountInfo.Find(table.Read(), Mount.Root));
        _mount = new(() => ObserveAsync(EnterMountAsync));
        _stored = new(() => ObserveAsync(ReadStoreAsync));
        _shown = new(() => ObserveAsync(ReadMountAsync));
        _bucket = new(() => ObserveAsync(token => Cloud?.GetBucketAsync(token)));
        _permissions = new(() => ObserveAsync(
            token => Cloud?.TestPermissionsAsync([.. ReadPermissions, .. WritePermissions, BucketPermission], token)));
    }

    public ModelCacheOptions Options { get; }

    public SettingPath Path { get; }

    public IModelMount Mount { get; }

    public DoctorSurroundings Surroundings { get; }

    public TimeProvider Time { get; }

    public IReadOnlyList<WantedModel> Models { get; }

    /// <summary>When the run began, by the own clock: no observation is older.</summary>
    public DateTimeOffset Began { get; }

    public bool IsShared => Options.SharedVolumeEnabled == true;

    /// <summary>The store, for requests that are not repeated; <see langword="null"/> when there is none to ask.</summary>
    public IObjectStore? Store => _places.LeaseStore;

    /// <summary>Whether the store is something else than the folder of the mount.</summary>
    public bool HasSeparateStore => IsShared && Store is not null;

    public string BucketName => Options.Bucket ?? "";

    /// <summary>The mount that the folder lies on, without its being touched.</summary>
    public MountEntry? MountEntry => _mountEntry.Value;

    private GoogleCloudObjectStore? Cloud => Store as GoogleCloudObjectStore;

    /// <summary>Whether the folder is the mount that it should be and can be entered.</summary>
    public Task<Observed<bool>> EnterAsync() => _mount.Value;

    /// <summary>The manifest in the store; of a volume without a store, none.</summary>
    public Task<Observed<ManifestSnapshot>> ReadStoredManifestAsync() => _stored.Value;

    /// <summary>The manifest as the mount shows it; none where the mount does not work.</summary>
    public Task<Observed<ManifestSnapshot>> ReadShownManifestAsync() => _shown.Value;

    /// <summary>The settings of the bucket.</summary>
    public Task<Observed<BucketResource>> GetBucketAsync() => _bucket.Value;

    public Task<Observed<PermissionsAnswer>> GetPermissionsAsync() => _permissions.Value;

    /// <summary>The manifest that starts go by: the store's, or the mount's where no store can be asked.</summary>
    public Task<Observed<ManifestSnapshot>> ReadManifestAsync() => Store is null ? ReadShownManifestAsync() : ReadStoredManifestAsync();

    /// <summary>Whether something else than the bucket is mounted, as far as the mount names what it shows.</summary>
    public bool IsAnotherSource => IsShared && BucketName.Length > 0 && MountEntry is { BucketName: { } mounted } && mounted != BucketName;

    /// <summary>Whether the process that asks may change the store at a start.</summary>
    public bool MayPull => Options.PullWhenStale && Store is not null;

    /// <summary>Resolves a path of a variable as the settings are resolved.</summary>
    public string Resolve(string path) => _paths.Resolve(path);

    private async Task<bool> EnterMountAsync(CancellationToken cancellationToken)
    {
        await Mount.CheckAsync(cancellationToken).ConfigureAwait(false);
        await Mount.ProbeAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Task<ManifestSnapshot>? ReadStoreAsync(CancellationToken cancellationToken) =>
        Store is { } store ? new ManifestStore(store, _places.Trust).ReadAsync(cancellationToken) : null;

    private async Task<ManifestSnapshot> ReadMountAsync(CancellationToken cancellationToken)
    {
        if ((await EnterAsync().ConfigureAwait(false)).Failure is { } failure)
        {
            throw failure;
        }

        // Beside a store it is only compared with what that has.
        return await MountedManifest.ReadAsync(Mount, _places.Trust, acceptsOlder: Store is not null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Observed<T>> ObserveAsync<T>(Func<CancellationToken, Task<T>?> observe)
    {
        using var deadline = new CancellationTokenSource(Patience, Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop);
        ObjectStoreException? first = null;
        try
        {
            while (true)
            {
                try
                {
                    return observe(linked.Token) is { } task
                        ? new Observed<T>(await task.WaitAsync(linked.Token).ConfigureAwait(false), null)
                        : new Observed<T>(default, null);
                }
                catch (ObjectStoreException e) when (e.IsTransient && first is null)
                {
                    first = e;
                    await Task.Delay(Pause, Time, linked.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return new Observed<T>(default, (Exception?)first ?? new TimeoutException($"there was no answer within {Patience.TotalSeconds:0} s"));
        }
        catch (Exception e) when (e is ObjectStoreException or ModelCacheException or IOException or UnauthorizedAccessException)
        {
            return new Observed<T>(default, e);
        }
    }
}
