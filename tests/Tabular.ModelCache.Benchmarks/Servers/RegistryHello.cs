namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>What a registry serves.</summary>
/// <param name="Source">The model, as a source of this library.</param>
/// <param name="SmallSource">A model of a hundredth of its bytes.</param>
/// <param name="LargeFile">The address of its large file.</param>
/// <param name="Sha256">The digest of that file, 64 lower-case hex digits.</param>
internal sealed record RegistryHello(string Source, string SmallSource, Uri LargeFile, string Sha256);
