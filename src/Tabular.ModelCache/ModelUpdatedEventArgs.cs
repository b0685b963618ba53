namespace Tabular.ModelCache;

/// <summary>Tells of a model that has gone on to another version.</summary>
public sealed class ModelUpdatedEventArgs : EventArgs
{
    internal ModelUpdatedEventArgs(CachedModel previous, CachedModel current)
    {
        Previous = previous;
        Current = current;
    }

    /// <summary>Gets what was served before.</summary>
    public CachedModel Previous { get; }

    /// <summary>Gets what is served now: a newer version, or an older one after a rollback.</summary>
    public CachedModel Current { get; }
}
