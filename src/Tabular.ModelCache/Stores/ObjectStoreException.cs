namespace Tabular.ModelCache.Stores;

/// <summary>A request to an object store failed.</summary>
public sealed class ObjectStoreException : Exception
{
    /// <summary>Makes an exception.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="message">One line: what was expected, what was found, what to do.</param>
    /// <param name="objectName">The object; <see langword="null"/> when the failure is of the whole store.</param>
    /// <param name="innerException">The cause.</param>
    public ObjectStoreException(ObjectStoreError error, string message, string? objectName = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        ObjectName = objectName;
    }

    /// <summary>Gets what went wrong.</summary>
    public ObjectStoreError Error { get; }

    /// <summary>Gets the object; <see langword="null"/> when the failure is of the whole store.</summary>
    public string? ObjectName { get; }

    /// <summary>Gets whether the change may have taken effect although no answer came: read back before concluding anything.</summary>
    public bool OutcomeUnknown { get; init; }

    /// <summary>Gets whether the same request may succeed later.</summary>
    public bool IsTransient => Error is ObjectStoreError.RateLimited or ObjectStoreError.Unavailable;
}
