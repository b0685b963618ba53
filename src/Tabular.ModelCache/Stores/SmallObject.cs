namespace Tabular.ModelCache.Stores;

/// <summary>An object that was read in one piece.</summary>
internal sealed record SmallObject(StoredObject Metadata, byte[] Bytes);
