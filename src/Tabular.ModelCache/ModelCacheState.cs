namespace Tabular.ModelCache;

/// <summary>Where the start of an instance stands.</summary>
public enum ModelCacheState
{
    /// <summary>Nothing was done yet.</summary>
    Starting,

    /// <summary>The mount is being checked.</summary>
    CheckingMount,

    /// <summary>The manifest is being read.</summary>
    ReadingManifest,

    /// <summary>The wanted model is not in the manifest; the right to pull it is being taken, or another instance is pulling it.</summary>
    AcquiringLease,

    /// <summary>The model is being pulled from its source into the store.</summary>
    Pulling,

    /// <summary>The pulled version is being promoted and the manifest flipped.</summary>
    Publishing,

    /// <summary>The mount does not show the version yet.</summary>
    WaitingForMount,

    /// <summary>The version is being verified through the mount.</summary>
    Verifying,

    /// <summary>All models are verified; the gate is open.</summary>
    Ready,

    /// <summary>
    /// The gate is open, but not on what is wanted, not on what the manifest still has, or not on the update that was to be followed;
    /// <see cref="ModelCacheStatus.Reason"/> says why.
    /// </summary>
    Degraded,

    /// <summary>The gate stays closed; <see cref="ModelCacheStatus.Reason"/> says why.</summary>
    Failed,
}
