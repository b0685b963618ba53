namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>Where a corruption is.</summary>
internal enum CorruptionPlace
{
    /// <summary>In the bucket; the mount shows it too.</summary>
    Store,

    /// <summary>On the mount alone: the store has, and lists, what was published.</summary>
    Mount,

    /// <summary>In a directory that is store and mount at once.</summary>
    Directory,
}
