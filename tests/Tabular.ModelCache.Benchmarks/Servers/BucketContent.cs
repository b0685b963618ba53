namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>What was in a bucket.</summary>
/// <param name="Objects">How many objects.</param>
/// <param name="LargestObject">The bytes of the largest one.</param>
internal sealed record BucketContent(int Objects, long LargestObject);
