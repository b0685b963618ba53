namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>Where a bucket server serves.</summary>
/// <param name="Endpoint">Its address.</param>
internal sealed record BucketHello(Uri Endpoint);
