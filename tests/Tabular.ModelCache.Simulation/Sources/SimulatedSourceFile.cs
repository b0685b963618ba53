using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>One file that a process can pull.</summary>
internal sealed class SimulatedSourceFile(SimulatedSource source, Revision revision, RevisionFile file) : SourceFile
{
    public override bool SupportsRanges => true;

    public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) =>
        source.OpenAsync(revision, file, 0, file.Content.Length, cancellationToken);

    public override Task<Stream> OpenRangeAsync(long offset, long count, CancellationToken cancellationToken = default) =>
        source.OpenAsync(revision, file, (int)offset, (int)count, cancellationToken);
}
