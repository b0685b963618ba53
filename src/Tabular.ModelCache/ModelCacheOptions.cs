namespace Tabular.ModelCache;

/// <summary>The settings of the model cache, bound from the configuration section <c>ModelCache</c>.</summary>
/// <remarks>They are read once, when the host starts, and validated then: a wrong value stops the start.</remarks>
public sealed class ModelCacheOptions
{
    /// <summary>The configuration section that <see cref="ModelCacheServiceCollectionExtensions.AddModelCache(Microsoft.Extensions.DependencyInjection.IServiceCollection)"/> binds.</summary>
    public const string SectionName = "ModelCache";

    /// <summary>Gets or sets the folder through which readers see the models.</summary>
    /// <value>
    /// A relative path is taken from the content root. When it is not set, the variable <c>MODEL_CACHE_PATH</c> is used, and without
    /// that <c>/models</c>.
    /// </value>
    public string? MountPath { get; set; }

    /// <summary>Gets or sets whether <see cref="MountPath"/> is a bucket that all instances share.</summary>
    /// <value>
    /// <see langword="false"/>: it is a private directory, store and mount at once, and no bucket is ever written. When it is not set,
    /// the variable <c>SHARED_MODEL_VOLUME_ENABLED</c> is used, and without that <see langword="false"/>.
    /// </value>
    public bool? SharedVolumeEnabled { get; set; }

    /// <summary>Gets or sets the name of the Cloud Storage bucket behind the mount.</summary>
    /// <value>
    /// The default is none. A shared volume without it is read only: hits are served, and a start that needs a pull fails.
    /// </value>
    public string? Bucket { get; set; }

    /// <summary>Gets or sets the folder inside the bucket that holds the cache; the mount must show the same folder (<c>only-dir</c>).</summary>
    /// <value>The default is none: the whole bucket.</value>
    public string? Prefix { get; set; }

    /// <summary>Gets or sets the project that pays for requests to a requester-pays bucket.</summary>
    /// <value>The default is none.</value>
    public string? UserProject { get; set; }

    /// <summary>Gets the wanted models.</summary>
    /// <value>At least one; names are unique without regard to case. Empty by default, because the binder appends.</value>
    public IList<ModelOptions> Models { get; } = [];

    /// <summary>Gets or sets how much is proven before the gate opens.</summary>
    /// <value>The default is <see cref="VerificationLevel.Metadata"/> with a bucket, <see cref="VerificationLevel.Marker"/> without.</value>
    public VerificationLevel? Verification { get; set; }

    /// <summary>Gets or sets whether a start whose model is not in the manifest pulls it, under the lease.</summary>
    /// <value>The default is <see langword="true"/>; with <see langword="false"/> only the sync job pulls.</value>
    public bool PullWhenStale { get; set; } = true;

    /// <summary>Gets or sets whether an older kept version may be served when the wanted one cannot be; health is then Degraded.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool FallbackToPreviousVersion { get; set; }

    /// <summary>Gets or sets whether an instance that is ready goes on to the version that is wanted now, when the manifest is flipped.</summary>
    /// <value>
    /// The default is <see langword="false"/>: an instance serves what it started with until it ends. With <see langword="true"/> the new
    /// version is verified like at a start, and then <see cref="IModelCache"/> returns it and raises <see cref="IModelCache.ModelUpdated"/>.
    /// A version that fails is reported and the last good one stays, with health Degraded. Following never pulls. A model with a
    /// <see cref="ModelOptions.Version"/> does not follow, one with a <see cref="ModelOptions.Digest"/> only among versions of that digest.
    /// </value>
    public bool FollowUpdates { get; set; }

    /// <summary>Gets or sets what a failed start does.</summary>
    /// <value>The default is <see cref="ModelCacheFailureBehavior.StopHost"/>.</value>
    public ModelCacheFailureBehavior FailureBehavior { get; set; }

    /// <summary>Gets or sets how long a start may take in all.</summary>
    /// <value>From 1 second to 24 hours. The default is 225 seconds, below the 240 seconds that a Cloud Run startup probe can wait.</value>
    public TimeSpan StartupDeadline { get; set; } = TimeSpan.FromSeconds(225);

    /// <summary>Gets the settings of the lease.</summary>
    public LeaseOptions Lease { get; } = new();

    /// <summary>Gets the settings of the mount.</summary>
    public MountOptions Mount { get; } = new();

    /// <summary>Gets the settings of pruning.</summary>
    public RetentionOptions Retention { get; } = new();

    /// <summary>Gets the settings of the sources that models are pulled from.</summary>
    public SourceOptions Sources { get; } = new();

    /// <summary>Gets the settings of signatures.</summary>
    public SigningOptions Signing { get; } = new();

    /// <summary>Gets the mistakes found in the variables of the deployment, reported by validation.</summary>
    internal IList<string> Problems { get; } = [];
}
