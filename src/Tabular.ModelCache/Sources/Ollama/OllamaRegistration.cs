using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>Registers the scheme <c>ollama://</c>.</summary>
internal static class OllamaRegistration
{
    public const string Scheme = "ollama";

    public static void AddOllamaSource(this IServiceCollection services)
    {
        services.TryAddSingleton<OllamaProgramTimings>();
        services.AddSingleton(new ModelSourceRegistration(Scheme, Create));
    }

    private static IModelSource Create(IServiceProvider services) =>
        string.IsNullOrEmpty(services.GetRequiredService<IOptions<ModelCacheOptions>>().Value.Sources.OllamaProgram)
            ? ActivatorUtilities.CreateInstance<OllamaSource>(services)
            : ActivatorUtilities.CreateInstance<OllamaProgramSource>(services);
}
