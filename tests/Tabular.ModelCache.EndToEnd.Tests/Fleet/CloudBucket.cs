using System.Collections.Concurrent;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>A bucket on a server in this process. Its objects are files of a folder, which can be the mount of the instances.</summary>
internal sealed class CloudBucket : IAsyncDisposable
{
    public const string Name = "tabular-model-cache";

    private const string ManifestName = "manifest.json";

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<ManifestView> _flips = new();
    private CloudStorageServer _server = null!;

    private CloudBucket()
    {
    }

    /// <summary>What the server asks before each request.</summary>
    public Func<CloudStorageRequest, CloudStorageFault?> Fault { get; set; } = _ => null;

    /// <summary>Runs after a change took effect and before its answer is sent.</summary>
    public Func<CloudStorageRequest, Task> OnMutation { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs right after the answer to a change was sent.</summary>
    public Func<CloudStorageRequest, Task> OnMutationAnswered { get; set; } = _ => Task.CompletedTask;

    /// <summary>The folder of all buckets of this server.</summary>
    public string Root => _folder.Path;

    /// <summary>The folder that shows every object as soon as it is there.</summary>
    public string Folder => _folder.Join(Name);

    public IObjectStore Store => _server.GetStore(Name);

    public IReadOnlyList<CloudStorageRequestRecord> Requests => _server.GetRequests();

    /// <summary>The manifest after each change of it, in their order.</summary>
    public IReadOnlyList<ManifestView> Flips => [.. _flips];

    public static async Task<CloudBucket> StartAsync()
    {
        var bucket = new CloudBucket();
        var options = new CloudStorageServerOptions
        {
            Buckets = [Name],
            Fault = request => bucket.Fault(request),
            OnMutation = bucket.NoteAsync,
            OnMutationAnswered = request => bucket.OnMutationAnswered(request),
        };
        bucket._server = await CloudStorageServer.StartAsync(options.UseDirectory(bucket._folder.Path), TestContext.Current.CancellationToken);
        Directory.CreateDirectory(bucket.Folder);
        return bucket;
    }

    /// <summary>Makes instances use this bucket, and a folder as its mount.</summary>
    public Deployment Connect(Deployment deployment, string? mount = null) => deployment
        .With("STORAGE_EMULATOR_HOST", $"{_server.Endpoint}")
        .With("SHARED_MODEL_VOLUME_ENABLED", "true")
        .With("MODEL_CACHE_PATH", mount ?? Folder)
        .WithSetting("Bucket", Name)
        .WithSetting("Mount:AcceptedTypes:0", "*");

    public string NewFolder(string name) => Directory.CreateDirectory(_folder.Join(name)).FullName;

    /// <summary>Everything in the bucket, by name.</summary>
    public async Task<Dictionary<string, StoredObject>> ListAsync(string prefix = "")
    {
        var found = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        await foreach (var item in Store.ListAsync(prefix, TestContext.Current.CancellationToken))
        {
            found[item.Name] = item;
        }

        return found;
    }

    public async Task<ManifestView> ReadManifestAsync()
    {
        var content = await Store.OpenReadAsync(ManifestName, cancellationToken: TestContext.Current.CancellationToken);
        content.Should().NotBeNull("a manifest is expected");
        await using var owner = content!;
        return await ManifestView.ReadAsync(content!.Stream);
    }

    /// <summary>Whether a change renews a lease: that comes by the clock, so that to count it would number the changes differently each time.</summary>
    public async Task<bool> IsRenewalAsync(CloudStorageRequest request) =>
        request.Operation == "storage.objects.patch" && (await ListAsync(request.ObjectName!)).Values.Single().Metadata["state"] == "held";

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task NoteAsync(CloudStorageRequest request)
    {
        if (request.ObjectName == ManifestName)
        {
            _flips.Enqueue(await ReadManifestAsync());
        }

        await OnMutation(request);
    }
}
