using System.Text;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

/// <summary>A server with scripted faults, and clients for it that do not wait long between attempts.</summary>
public abstract class CloudFixture : IAsyncLifetime
{
    private readonly List<IDisposable> _clients = [];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected CloudStorageServer Server { get; private set; } = null!;

    private protected GoogleCloudObjectStore Store { get; private set; } = null!;

    /// <summary>What the server asks before each request; may be replaced at any time.</summary>
    private protected Func<CloudStorageRequest, CloudStorageFault?> Fault { get; set; } = _ => null;

    public async ValueTask InitializeAsync()
    {
        Server = await CloudStorageServer.StartAsync(
            new CloudStorageServerOptions { Fault = request => Fault(request), Buckets = ["bucket"] }, Token);
        Store = Connect(options => options);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _clients.ForEach(client => client.Dispose());
        await Server.DisposeAsync();
    }

    private protected GoogleCloudObjectStore Connect(Func<GoogleCloudStoreOptions, GoogleCloudStoreOptions> configure)
    {
        var client = new GoogleCloudObjectStore(configure(new GoogleCloudStoreOptions
        {
            Bucket = "bucket",
            Endpoint = StorageEndpoint.Parse($"{Server.Endpoint}"),
            InitialBackoff = TimeSpan.FromTicks(1),
            Random = new Random(1),
        }));
        _clients.Add(client);
        return client;
    }

    /// <summary>Gives each request of an operation the next fault of a list; <see langword="null"/> is none.</summary>
    private protected void Script(string operation, params CloudStorageFault?[] faults)
    {
        var next = new Queue<CloudStorageFault?>(faults);
        Fault = request =>
        {
            lock (next)
            {
                return request.Operation == operation && next.TryDequeue(out var fault) ? fault : null;
            }
        };
    }

    private protected int Count(string operation) => Server.GetRequests().Count(record => record.Request.Operation == operation);

    private protected IReadOnlyList<string> Operations() => [.. Server.GetRequests().Select(record => record.Request.Operation)];

    private protected Task<StoredObject> PutAsync(string name, string content = "content", ObjectWriteOptions? options = null) =>
        Store.WriteAsync(name, new MemoryStream(Encoding.UTF8.GetBytes(content)), options, Token);

    private protected Task<StoredObject?> StoredAsync(string name) => Server.GetStore("bucket").GetAsync(name, default, Token);

    private protected static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private protected static async Task<byte[]> ReadAllAsync(IObjectStore store, string name, ObjectReadOptions? options = null)
    {
        await using var content = await store.OpenReadAsync(name, options, Token);
        using var bytes = new MemoryStream();
        await content!.Stream.CopyToAsync(bytes, Token);
        return bytes.ToArray();
    }

    private protected static async Task<ObjectStoreException> FailsAsync(
        Func<Task> request, ObjectStoreError error, bool outcomeUnknown = false)
    {
        var failure = (await request.Should().ThrowAsync<ObjectStoreException>()).Which;
        failure.Error.Should().Be(error, failure.Message);
        failure.OutcomeUnknown.Should().Be(outcomeUnknown, failure.Message);
        failure.Message.Should().NotContain("\n");
        return failure;
    }
}
