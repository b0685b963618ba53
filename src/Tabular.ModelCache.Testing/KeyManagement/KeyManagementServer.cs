namespace Tabular.ModelCache.Testing;

/// <summary>A server on 127.0.0.1 that signs as Google Cloud KMS does, with keys in memory.</summary>
/// <remarks>
/// Of <see href="https://cloud.google.com/kms/docs/reference/rest"/> it serves what a signer needs: <c>getPublicKey</c> and
/// <c>asymmetricSign</c> of a digest, with their checksums. Set <c>ModelCache:Signing:KmsEndpoint</c> to its address. It checks no
/// credentials.
/// </remarks>
public sealed class KeyManagementServer : IAsyncDisposable
{
    private const int MaxRequestBytes = 64 * 1024;

    private readonly LoopbackHost _host;
    private readonly KeyManagementHandler _handler;

    private KeyManagementServer(KeyManagementServerOptions options)
    {
        _handler = new KeyManagementHandler(options);
        _host = new LoopbackHost([options.Port], limits => limits.MaxRequestBodySize = MaxRequestBytes, _handler.HandleAsync);
    }

    /// <summary>Gets the address, such as <c>http://127.0.0.1:9000/</c>: the value for <c>ModelCache:Signing:KmsEndpoint</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Starts a server without keys.</summary>
    /// <param name="options">How it serves; <see langword="null"/> is the default of each option.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>A server that accepts connections.</returns>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<KeyManagementServer> StartAsync(
        KeyManagementServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var server = new KeyManagementServer(options ?? new());
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

    /// <summary>Adds a version of a key, with a new pair.</summary>
    /// <param name="name">
    /// Its resource name, such as <c>projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1</c>: the value for
    /// <c>ModelCache:Signing:KmsKey</c>.
    /// </param>
    /// <param name="algorithm"><c>EC_SIGN_P256_SHA256</c> or <c>EC_SIGN_P384_SHA384</c>.</param>
    /// <returns>The public key as PEM text: a value for <c>ModelCache:Signing:TrustedKeys</c>.</returns>
    /// <exception cref="ArgumentException">There is such a version already, or the algorithm is another one.</exception>
    public string AddKeyVersion(string name, string algorithm = "EC_SIGN_P256_SHA256")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var key = new SigningKeyVersion(name, algorithm);
        if (_handler.TryAdd(name, key))
        {
            return key.Pem;
        }

        key.Dispose();
        throw new ArgumentException($"There is a key version '{name}' already.", nameof(name));
    }

    /// <summary>Disables a version of a key: every request for it is refused from now on.</summary>
    /// <param name="name">Its resource name.</param>
    /// <exception cref="ArgumentException">There is no such version.</exception>
    public void DisableKeyVersion(string name)
    {
        var key = _handler.Find(name) ?? throw new ArgumentException($"There is no key version '{name}'.", nameof(name));
        key.IsDisabled = true;
    }

    /// <summary>Gets the requests that were received so far. The latest 100 000 are kept.</summary>
    /// <param name="clear">Whether to forget them.</param>
    /// <returns>A snapshot.</returns>
    public IReadOnlyList<KeyManagementRequest> GetRequests(bool clear = false) => _handler.GetRequests(clear);

    /// <summary>Stops serving; open connections are closed.</summary>
    /// <returns>A task that ends when the port is free.</returns>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync().ConfigureAwait(false);
        _handler.Dispose();
    }
}
