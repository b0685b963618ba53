namespace Tabular.ModelCache;

/// <summary>What a failed start does.</summary>
public enum ModelCacheFailureBehavior
{
    /// <summary>The host is stopped and the process ends with <see cref="ModelCacheExitCodes.Failed"/>, so that the platform replaces it.</summary>
    StopHost,

    /// <summary>The host keeps running with the gate closed and health Unhealthy, for a person to look at.</summary>
    StayUnready,
}
