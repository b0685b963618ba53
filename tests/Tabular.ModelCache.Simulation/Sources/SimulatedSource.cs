using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>One process's way to the upstream.</summary>
internal sealed class SimulatedSource(Simulation run, SimulatedProcess process, Random random) : IModelSource
{
    public const string Scheme = "sim";

    public async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default)
    {
        process.Of(request.Model).SourceRequests++;
        await WaitAsync("resolve " + request.Model, cancellationToken).ConfigureAwait(false);
        var revision = request.Digest is { } digest ? run.Upstream.Find(request.Model, digest)! : run.Upstream.Current(request.Model);
        return new ModelResolution
        {
            Digest = revision.Digest,
            Files =
            [
                .. revision.Files.Select(f => new SimulatedSourceFile(this, revision, f)
                {
                    Path = f.Path,
                    Size = f.Content.Length,
                    Sha256 = f.IsPromised ? f.Sha256 : null,
                }),
            ],
        };
    }

    public async Task<Stream> OpenAsync(
        Revision revision, RevisionFile file, int offset, int count, CancellationToken cancellationToken)
    {
        process.Of(revision.Model).SourceRequests++;
        run.Rules.OnSourceOpened(process, revision, file, offset);
        await WaitAsync($"open {revision.Digest} {file.Path}", cancellationToken).ConfigureAwait(false);
        return new SimulatedSourceStream(this, revision, file, offset, count);
    }

    public async Task ReadAsync(Revision revision, RevisionFile file, int count, CancellationToken cancellationToken)
    {
        await WaitAsync($"pull {file.Path}", cancellationToken).ConfigureAwait(false);
        process.Of(revision.Model).SourceBytes += count;
        run.Rules.OnSourceRead(process, revision);
    }

    private async Task WaitAsync(string what, CancellationToken cancellationToken)
    {
        run.Thread.Assert();
        await run.WaitAsync(process, "source " + what, TimeSpan.FromMilliseconds(20 + random.Next(run.PullMilliseconds)), cancellationToken)
            .ConfigureAwait(false);
        if (run.Plan.IsOn && random.NextDouble() < run.Plan.SourceFailure)
        {
            throw new ModelCacheException($"Injected: the source could not {what}.");
        }
    }
}
