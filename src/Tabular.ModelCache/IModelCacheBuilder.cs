using Google.Apis.Http;
using Google.Apis.Services;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache;

/// <summary>Adjusts the model cache after <c>AddModelCache</c>.</summary>
public interface IModelCacheBuilder
{
    /// <summary>Gets the services of the app.</summary>
    IServiceCollection Services { get; }

    /// <summary>Replaces the store that the settings would choose.</summary>
    /// <param name="factory">Makes the store; called once.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is <see langword="null"/>.</exception>
    IModelCacheBuilder UseObjectStore(Func<IServiceProvider, IObjectStore> factory);

    /// <summary>Adds, or replaces, the source for a scheme.</summary>
    /// <param name="scheme">The scheme without <c>://</c>: lower-case letters, digits, <c>+</c>, <c>-</c> and <c>.</c>, starting with a letter.</param>
    /// <param name="factory">Makes the source; called once, at the first use.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="scheme"/> is not a scheme.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is <see langword="null"/>.</exception>
    IModelCacheBuilder AddSource(string scheme, Func<IServiceProvider, IModelSource> factory);

    /// <summary>Uses a credential of the app's own for the bucket and for <see cref="SigningOptions.KmsKey"/>, instead of application default credentials.</summary>
    /// <param name="factory">
    /// Makes the credential, a <c>GoogleCredential</c> for example; called once. It needs the scope
    /// <c>https://www.googleapis.com/auth/cloud-platform</c> (or <c>devstorage.full_control</c>): changing metadata accepts no narrower one.
    /// </param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is <see langword="null"/>.</exception>
    IModelCacheBuilder UseCredential(Func<IServiceProvider, IConfigurableHttpClientInitializer> factory);

    /// <summary>Uses the endpoint and the credential of a service of the app's own for the bucket that the settings name.</summary>
    /// <param name="factory">
    /// Gets the service of Cloud Storage, <c>StorageClient.Service</c> of Google.Cloud.Storage.V1 for example; called once. The app owns it.
    /// </param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// Taken are the host of <see cref="IClientService.BaseUri"/> and <see cref="IClientService.HttpClientInitializer"/>; a service without
    /// the latter sends no credential. Connections, timeouts and retries stay those of the library: a lease must see the answer to each of
    /// its requests. They win over <c>STORAGE_EMULATOR_HOST</c> and, for the bucket, over <see cref="UseCredential"/>.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is <see langword="null"/>.</exception>
    IModelCacheBuilder UseStorageService(Func<IServiceProvider, IClientService> factory);

    /// <summary>Signs what is published with a signer of the app's own.</summary>
    /// <param name="factory">Makes the signer; called once. Its key is trusted.</param>
    /// <returns>This builder.</returns>
    /// <remarks>The start fails when <see cref="SigningOptions.PrivateKey"/> or <see cref="SigningOptions.KmsKey"/> is set besides.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="factory"/> is <see langword="null"/>.</exception>
    IModelCacheBuilder UseSigner(Func<IServiceProvider, IModelSigner> factory);
}
