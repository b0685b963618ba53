using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A bucket with one version of one model, large enough that reading it in small requests can be made to last.</summary>
public sealed class PublishedBucket : IAsyncLifetime
{
    internal const string Model = "embedder";

    private const int Weights = 4 << 20;

    internal CloudBucket Bucket { get; private set; } = null!;

    internal Deployment Deployment { get; } = new Deployment().WithModel(Model, "sbert");

    /// <summary>The folder of the version, below the root of the bucket.</summary>
    internal string Folder { get; private set; } = "";

    internal string Version => Path.GetFileName(Folder);

    /// <summary>The largest file, by the name of its object.</summary>
    internal PublishedFile LargestFile { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        await PublishAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Bucket is not null)
        {
            await Bucket.DisposeAsync();
        }

        Deployment.Dispose();
    }

    /// <summary>An empty bucket.</summary>
    internal async Task StartAsync()
    {
        RcloneMount.SkipUnlessPossible();
        Bucket = await CloudBucket.StartAsync();
    }

    /// <summary>Publishes the first version.</summary>
    internal Task PublishAsync() => PublishAsync(seed: 1);

    /// <summary>Publishes another version.</summary>
    internal Task ChangeAsync() => PublishAsync(seed: 2);

    /// <summary>Replaces the largest file in the bucket by other bytes of the same size.</summary>
    internal async Task ReplaceLargestFileAsync()
    {
        var bytes = new byte[LargestFile.Size];
        new Random(2).NextBytes(bytes);
        using var content = new MemoryStream(bytes);
        await Bucket.Store.WriteAsync(LargestFile.Name, content, new ObjectWriteOptions(), TestContext.Current.CancellationToken);
    }

    /// <summary>By another process, which sees no mount.</summary>
    private async Task PublishAsync(int seed)
    {
        ModelFiles.WriteSbert(Deployment.Source(Model), seed, Weights);
        var result = await Bucket.Connect(Deployment.Copy()).RunCommandAsync("sync");
        result.ExitCode.Should().Be(0, result.Error);
        var manifest = await Bucket.ReadManifestAsync();
        Folder = manifest.Folders[Model];
        LargestFile = manifest.Files.MaxBy(f => f.Size)!;
    }
}
