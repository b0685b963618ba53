namespace Tabular.ModelCache.Signing;

/// <summary>One file of a signed model.</summary>
/// <param name="Name">The path below the model's folder.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
/// <param name="Size">The size in bytes, which other tools do not sign.</param>
internal sealed record SignedResource(string Name, string Sha256, long? Size = null);
