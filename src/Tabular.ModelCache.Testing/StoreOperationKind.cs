using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>The requests that an <see cref="IObjectStore"/> takes.</summary>
public enum StoreOperationKind
{
    /// <summary><see cref="IObjectStore.GetAsync"/>.</summary>
    Get,

    /// <summary><see cref="IObjectStore.OpenReadAsync"/>.</summary>
    OpenRead,

    /// <summary><see cref="IObjectStore.ListAsync"/>.</summary>
    List,

    /// <summary><see cref="IObjectStore.WriteAsync"/>.</summary>
    Write,

    /// <summary><see cref="IObjectStore.PatchMetadataAsync"/>.</summary>
    PatchMetadata,

    /// <summary><see cref="IObjectStore.MoveAsync"/>.</summary>
    Move,

    /// <summary><see cref="IObjectStore.CopyAsync"/>.</summary>
    Copy,

    /// <summary><see cref="IObjectStore.ComposeAsync"/>; the name is that of the first source.</summary>
    Compose,

    /// <summary><see cref="IObjectStore.DeleteAsync"/>.</summary>
    Delete,
}
