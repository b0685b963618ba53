namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>The requests, and the places in them, that take conditions.</summary>
public enum ConditionedRequest
{
    Get,
    OpenRead,
    Write,
    Patch,
    MoveSource,
    MoveDestination,
    CopySource,
    CopyDestination,
    Delete,
}
