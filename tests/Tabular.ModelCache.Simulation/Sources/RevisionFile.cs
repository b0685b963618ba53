namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>One file of a revision.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Sha256">Their SHA-256.</param>
/// <param name="IsPromised">Whether the source states the SHA-256 beforehand.</param>
internal sealed record RevisionFile(string Path, byte[] Content, string Sha256, bool IsPromised);
