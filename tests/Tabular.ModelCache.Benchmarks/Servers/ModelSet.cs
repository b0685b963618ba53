namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>The two models of the service at some size, as the registry serves them.</summary>
/// <param name="Scale">Their size as a part of the real ones.</param>
/// <param name="LanguageModel">The model in the shape of <c>llama3.2:1b</c>, as a source of this library.</param>
/// <param name="Embedder">The model in the shape of <c>bge-m3</c>, as a source of this library.</param>
/// <param name="Files">What a pull of both downloads.</param>
internal sealed record ModelSet(double Scale, string LanguageModel, string Embedder, IReadOnlyList<ModelSetFile> Files)
{
    public long Bytes => Files.Sum(file => file.Size);
}
