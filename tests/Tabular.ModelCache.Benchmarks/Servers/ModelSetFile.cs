namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>A file of a <see cref="ModelSet"/>.</summary>
/// <param name="Name">A name that is unique in the set, good for a file and an object.</param>
/// <param name="Address">Where it is served.</param>
/// <param name="Sha256">Its digest, 64 lower-case hex digits.</param>
/// <param name="Size">Its bytes.</param>
internal sealed record ModelSetFile(string Name, Uri Address, string Sha256, long Size);
