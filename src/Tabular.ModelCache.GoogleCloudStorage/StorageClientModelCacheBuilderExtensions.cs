using Google.Cloud.Storage.V1;

namespace Tabular.ModelCache;

/// <summary>Lets the model cache speak to Cloud Storage as an app's own <see cref="StorageClient"/> does.</summary>
public static class StorageClientModelCacheBuilderExtensions
{
    /// <summary>Uses the endpoint and the credential of a client for the bucket that the settings name.</summary>
    /// <param name="builder">What <c>AddModelCache</c> returned.</param>
    /// <param name="factory">Gets the client; called once. The app owns it.</param>
    /// <returns>The builder.</returns>
    /// <remarks>What is taken from the client, and what is not, is said at <see cref="IModelCacheBuilder.UseStorageService"/>.</remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IModelCacheBuilder UseStorageClient(this IModelCacheBuilder builder, Func<IServiceProvider, StorageClient> factory)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(factory);
        return builder.UseStorageService(services => factory(services).Service);
    }

    /// <summary>Uses the endpoint and the credential of a client for the bucket that the settings name.</summary>
    /// <param name="builder">What <c>AddModelCache</c> returned.</param>
    /// <param name="client">The client. The app owns it.</param>
    /// <returns>The builder.</returns>
    /// <remarks>What is taken from the client, and what is not, is said at <see cref="IModelCacheBuilder.UseStorageService"/>.</remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IModelCacheBuilder UseStorageClient(this IModelCacheBuilder builder, StorageClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return builder.UseStorageClient(_ => client);
    }
}
