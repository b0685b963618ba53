using Google.Apis.Http;
using Google.Apis.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Configuration;

/// <inheritdoc cref="IModelCacheBuilder"/>
internal sealed class ModelCacheBuilder(IServiceCollection services) : IModelCacheBuilder
{
    public IServiceCollection Services { get; } = services;

    public IModelCacheBuilder UseObjectStore(Func<IServiceProvider, IObjectStore> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.RemoveAll<ObjectStoreOverride>();
        Services.AddSingleton(sp => new ObjectStoreOverride(factory(sp)));
        return this;
    }

    public IModelCacheBuilder AddSource(string scheme, Func<IServiceProvider, IModelSource> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (!Uri.CheckSchemeName(scheme) || scheme.Any(char.IsAsciiLetterUpper))
        {
            throw new ArgumentException($"'{scheme}' is not a scheme; expected are lower-case letters, digits, '+', '-' and '.'.", nameof(scheme));
        }

        Services.AddSingleton(new ModelSourceRegistration(scheme, factory));
        return this;
    }

    public IModelCacheBuilder UseCredential(Func<IServiceProvider, IConfigurableHttpClientInitializer> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.RemoveAll<StorageCredential>();
        Services.AddSingleton(sp => new StorageCredential(factory(sp)));
        return this;
    }

    public IModelCacheBuilder UseStorageService(Func<IServiceProvider, IClientService> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.RemoveAll<StorageService>();
        Services.AddSingleton(sp => StorageService.Of(factory(sp)));
        return this;
    }

    public IModelCacheBuilder UseSigner(Func<IServiceProvider, IModelSigner> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.RemoveAll<SignerOverride>();
        Services.AddSingleton(sp => new SignerOverride(factory(sp)));
        return this;
    }
}
