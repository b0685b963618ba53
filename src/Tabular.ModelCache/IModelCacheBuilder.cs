using Microsoft.Extensions.DependencyInjection;
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
}
