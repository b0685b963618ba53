using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Makes the HTTP client of one store, or of another service of Google: its own connections, Google's credential, no retry and no redirect of its own.</summary>
/// <remarks>
/// <c>ResumableUpload</c> and <c>MediaDownloader</c> of Google.Apis are not used. The former cannot declare a checksum with the last
/// chunk and retries on its own clock; the latter pushes into a stream and does not resume.
/// </remarks>
/// <param name="options">The credential.</param>
/// <param name="onRequest">Is told of every <see cref="StorageCall"/> that goes out.</param>
internal sealed class StorageHttpClient(GoogleCallOptions options, Action<StorageRequestEvent>? onRequest = null) : IDisposable
{
    /// <summary>objects.patch accepts only this scope and devstorage.full_control.</summary>
    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private HttpClient? _client;
    private IConfigurableHttpClientInitializer? _credential;

    /// <summary>The service account, where the credential says it without a request.</summary>
    public string? Account => (_credential as GoogleCredential)?.UnderlyingCredential switch
    {
        ImpersonatedCredential impersonated => impersonated.TargetPrincipal,
        ServiceAccountCredential account => account.Id,
        _ => null,
    };

    public async ValueTask<HttpClient> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _client) is { } ready)
        {
            return ready;
        }

        var credential = await GetCredentialAsync(cancellationToken).ConfigureAwait(false);
        var created = Create(credential);
        if (Interlocked.CompareExchange(ref _client, created, null) is { } winner)
        {
            created.Dispose();
            return winner;
        }

        _credential = credential;
        return created;
    }

    public void Dispose() => _client?.Dispose();

    private async ValueTask<IConfigurableHttpClientInitializer?> GetCredentialAsync(CancellationToken cancellationToken)
    {
        if (options.IsAnonymous)
        {
            return null;
        }

        var credential = options.Credential
            ?? await GoogleCredential.GetApplicationDefaultAsync(cancellationToken).ConfigureAwait(false);
        return credential is GoogleCredential google ? google.CreateScoped(Scope) : credential;
    }

    private ConfigurableHttpClient Create(IConfigurableHttpClientInitializer? credential)
    {
        var factory = new HttpClientFromMessageHandlerFactory(_ => new HttpClientFromMessageHandlerFactory.ConfiguredHttpMessageHandler(
            new WireHandler(CreateSocketsHandler(), onRequest), false, false));
        var arguments = new CreateHttpClientArgs { ApplicationName = "Tabular.ModelCache", GZipEnabled = false };
        if (credential is not null)
        {
            arguments.Initializers.Add(credential);
        }

        var client = factory.CreateHttpClient(arguments);
        client.Timeout = Timeout.InfiniteTimeSpan;
        // Two, so that a credential that is refused (401) is refreshed once. Nothing else is registered that would retry.
        client.MessageHandler.NumTries = 2;
        client.MessageHandler.FollowRedirect = false;
        return client;
    }

    // 308 is an answer of a resumable upload, not a redirect, and stored bytes are wanted as they are.
    private static SocketsHttpHandler CreateSocketsHandler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
    };
}
