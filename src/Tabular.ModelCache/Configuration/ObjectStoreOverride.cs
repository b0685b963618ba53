using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Configuration;

/// <summary>The store that the app chose instead of the one that follows from the settings.</summary>
internal sealed record ObjectStoreOverride(IObjectStore Store);
