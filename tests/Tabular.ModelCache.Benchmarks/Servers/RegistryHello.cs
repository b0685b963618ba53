namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>Where a registry serves.</summary>
/// <param name="Endpoint">Its address.</param>
internal sealed record RegistryHello(Uri Endpoint);
