namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What a server was asked for.</summary>
/// <param name="Requests">How many requests it got.</param>
/// <param name="Mutations">How many of them changed something.</param>
/// <param name="BytesIn">The bytes of the bodies that it got.</param>
/// <param name="BytesOut">The bytes of the bodies that it sent.</param>
internal sealed record Traffic(long Requests, long Mutations, long BytesIn, long BytesOut);
