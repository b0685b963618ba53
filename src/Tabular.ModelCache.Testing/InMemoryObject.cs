using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>
/// One live version. Its content lies in blocks, none of them empty, which are never changed: open reads keep their bytes, copies share
/// them, and to join objects costs no memory.
/// </summary>
internal sealed record InMemoryObject(StoredObject Metadata, IReadOnlyList<byte[]> Blocks);
