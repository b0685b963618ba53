using Google.Apis.Http;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A credential that counts the requests it is asked for.</summary>
internal sealed class CountingCredential : IConfigurableHttpClientInitializer, IHttpExecuteInterceptor
{
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    public void Initialize(ConfigurableHttpClient httpClient) => httpClient.MessageHandler.AddExecuteInterceptor(this);

    public Task InterceptAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        return Task.CompletedTask;
    }
}
