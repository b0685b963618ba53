namespace Tabular.ModelCache.Testing;

/// <summary>A request that a <see cref="KeyManagementServer"/> received.</summary>
/// <param name="Operation"><c>getPublicKey</c>, <c>asymmetricSign</c>, or <c>unknown</c>.</param>
/// <param name="Name">The resource name of the key version; of an unknown request, its path.</param>
public sealed record KeyManagementRequest(string Operation, string Name);
