using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>One live version; its content is never changed, so that open reads keep their bytes.</summary>
internal sealed record InMemoryObject(StoredObject Metadata, byte[] Content);
