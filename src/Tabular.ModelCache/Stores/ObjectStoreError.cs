namespace Tabular.ModelCache.Stores;

/// <summary>What went wrong in an object store, told apart as far as a caller acts differently.</summary>
public enum ObjectStoreError
{
    /// <summary>The object, or the generation asked for, does not exist (404).</summary>
    NotFound,

    /// <summary>A <c>Match</c> precondition does not hold (412).</summary>
    PreconditionFailed,

    /// <summary>A <c>NotMatch</c> precondition does not hold (304).</summary>
    NotModified,

    /// <summary>The range starts at or behind the end of the object (416).</summary>
    RangeNotSatisfiable,

    /// <summary>The store does not accept the request as it stands (400).</summary>
    InvalidRequest,

    /// <summary>No credentials, or credentials that are no longer valid (401).</summary>
    Unauthenticated,

    /// <summary>The credentials lack a permission (403).</summary>
    PermissionDenied,

    /// <summary>The bucket, or the directory, does not exist.</summary>
    StoreNotFound,

    /// <summary>The store cannot be written here: a read-only or networked file system behind a directory.</summary>
    ReadOnly,

    /// <summary>No space is left.</summary>
    OutOfSpace,

    /// <summary>Too many requests, or too many changes of one object (429). Transient.</summary>
    RateLimited,

    /// <summary>The store did not answer, or answered that it cannot now (408, 5xx, a broken connection). Transient.</summary>
    Unavailable,

    /// <summary>Content does not have the length or the checksum that it must have.</summary>
    Corrupted,
}
