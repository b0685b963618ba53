namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>What preconditions mean where the server's answer leaves it open.</summary>
internal static class StorageConditions
{
    /// <summary>How a condition fails when no live version exists; <see langword="null"/> when none does.</summary>
    /// <remarks>Whether production answers 404 or 412/304 here is documented nowhere, so both are understood.</remarks>
    public static ObjectStoreError? FailureOnMissing(ObjectPreconditions conditions) => conditions switch
    {
        { IfGenerationMatch: not (null or 0) } or { IfMetagenerationMatch: not null } => ObjectStoreError.PreconditionFailed,
        { IfGenerationNotMatch: 0 } => ObjectStoreError.NotModified,
        _ => null,
    };
}
