using Google.Apis.Http;
using Google.Apis.Services;
using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Configuration;

/// <summary>The endpoint and the credential of the service that the app chose instead of those of the environment.</summary>
internal sealed record StorageService(StorageEndpoint Endpoint, IConfigurableHttpClientInitializer? Credential)
{
    /// <exception cref="ModelCacheException">The service is identified by an API key.</exception>
    public static StorageService Of(IClientService service) => string.IsNullOrEmpty(service.ApiKey)
        ? new(StorageEndpoint.Parse(service.BaseUri) with { IsEmulator = service.HttpClientInitializer is null }, service.HttpClientInitializer)
        : throw new ModelCacheException(
            "The service given to UseStorageService has an API key, which names no account; expected is a credential that may write to the bucket.");
}
