using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>One file that a process can pull.</summary>
internal sealed class SimulatedSourceFile(SimulatedSource source, Revision revision, RevisionFile file) : SourceFile
{
    public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) => source.OpenAsync(revision, file, cancellationToken);
}
