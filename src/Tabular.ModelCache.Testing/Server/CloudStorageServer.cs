using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>A server on 127.0.0.1 that speaks the JSON API of Google Cloud Storage over any <see cref="IObjectStore"/>.</summary>
/// <remarks>
/// The API is that of <see href="https://cloud.google.com/storage/docs/json_api/v1"/>, as far as clients that read and write objects
/// use it: gcloud and rclone work with it. Point a client at it with <c>STORAGE_EMULATOR_HOST</c>. It checks no credentials and keeps no
/// noncurrent versions. What a store does not keep (MD5, storage class, content encoding) is kept in memory and lost with the server.
/// Content streams in both directions.
/// </remarks>
public sealed class CloudStorageServer : IAsyncDisposable
{
    private readonly CloudStorageServerOptions _options;
    private readonly LoopbackHost _host;
    private readonly ServerDispatcher _dispatcher;

    private CloudStorageServer(CloudStorageServerOptions options)
    {
        _options = options;
        _dispatcher = new ServerDispatcher(options);
        _host = new LoopbackHost(
            [options.Port],
            limits =>
            {
                limits.MaxRequestBodySize = null;
                limits.MinRequestBodyDataRate = null;
                // Two names of 1024 bytes, each byte escaped to three, in one address.
                limits.MaxRequestLineSize = 32 * 1024;
                limits.MaxRequestBufferSize = 1024 * 1024;
            },
            _dispatcher.HandleAsync);
    }

    /// <summary>Gets the address, such as <c>http://127.0.0.1:9000/</c>: the value for <c>STORAGE_EMULATOR_HOST</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Gets how many changes have taken effect.</summary>
    public long Mutations => _dispatcher.Mutations;

    /// <summary>Starts a server.</summary>
    /// <param name="options">How it serves; <see langword="null"/> keeps every bucket in memory.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>A server that accepts connections.</returns>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<CloudStorageServer> StartAsync(
        CloudStorageServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var server = new CloudStorageServer(options ?? new());
        try
        {
            await server._host.StartAsync(cancellationToken).ConfigureAwait(false);
            server.Endpoint = server._host.Addresses[0];
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gets the store behind a bucket, to look behind the API or to change objects beside it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <returns>The store.</returns>
    /// <exception cref="ArgumentException">There is no such bucket.</exception>
    public IObjectStore GetStore(string bucket) =>
        _dispatcher.FindStore(bucket) ?? throw new ArgumentException($"There is no bucket '{bucket}'.", nameof(bucket));

    /// <summary>Gets the requests that were answered so far, in the order of their answers. The latest 100 000 are kept.</summary>
    /// <param name="clear">Whether to forget them.</param>
    /// <returns>A snapshot.</returns>
    public IReadOnlyList<CloudStorageRequestRecord> GetRequests(bool clear = false) => _dispatcher.GetRequests(clear);

    /// <summary>Forgets every resumable upload, so that the next request of one is answered with 404.</summary>
    /// <returns>A task that ends when they are forgotten.</returns>
    public Task ForgetUploadsAsync() => _dispatcher.ForgetUploadsAsync();

    /// <summary>Stops serving; open connections are closed.</summary>
    /// <returns>A task that ends when the port is free.</returns>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync().ConfigureAwait(false);
        await _dispatcher.DisposeAsync().ConfigureAwait(false);
    }
}
