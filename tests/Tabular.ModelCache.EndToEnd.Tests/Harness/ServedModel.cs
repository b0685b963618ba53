namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>One model of <c>GET /models</c>.</summary>
internal sealed record ServedModel(string Name, string Version, string Path, long Bytes, bool CacheHit, IReadOnlyDictionary<string, string> Environment);
