using Google.Apis.Http;

namespace Tabular.ModelCache.Configuration;

/// <summary>The credential that the app chose instead of application default credentials.</summary>
internal sealed record StorageCredential(IConfigurableHttpClientInitializer Initializer);
