using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Rows;

/// <summary>Ours in the rows of "pull and publish": the sample app's sync job pulls a model from a registry into an empty bucket.</summary>
/// <remarks>Everything is in the time: the start of the runtime, the lease, the digests, the upload, the promotion, and the manifest.</remarks>
internal sealed class PullAndPublish(Lab lab)
{
    public const string Description = "`model-cache sync`, registry to bucket";

    public async Task<Measurement> MeasureAsync(CancellationToken cancellationToken)
    {
        var registry = await lab.GetRegistryAsync(cancellationToken);
        var bucket = await lab.GetBucketAsync(cancellationToken);
        var name = lab.NextName();

        var command = SampleApp.Create(lab, bucket.Hello, name, registry.Hello.Source, lab.CreateFolder("mount"), "sync", "--json");
        var (measurement, _) = await lab.MeasureAsync(command, cancellationToken);
        await EmptyAsync(lab, name, cancellationToken);
        return measurement;
    }

    /// <summary>Empties a bucket after a run.</summary>
    /// <exception cref="BenchmarkException">The large file was not in it.</exception>
    public static async Task EmptyAsync(Lab lab, string bucket, CancellationToken cancellationToken)
    {
        var server = await lab.GetBucketAsync(cancellationToken);
        var content = await server.AskAsync<BucketContent>(bucket, cancellationToken);
        if (content.LargestObject != lab.Options.Bytes)
        {
            throw new BenchmarkException(
                $"After the run the largest object of '{bucket}' should have {lab.Options.Bytes} bytes, but has {content.LargestObject}.");
        }
    }
}
