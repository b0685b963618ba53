using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Tabular.ModelCache;

namespace Tabular.Children;

internal static class ChildrenExtensions
{
    /// <summary>Adds the children of the section <c>Children</c>, each with a health check of its own.</summary>
    public static void AddChildren(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(ChildrenOptions.Section);
        builder.Services.AddOptions<ChildrenOptions>().Configure(options => section.Bind(options.Children));
        builder.Services.AddSingleton<IValidateOptions<ChildrenOptions>, ChildrenValidator>();
        builder.Services.AddSingleton<IChildLauncher, ProcessLauncher>();
        builder.Services.AddSingleton<IChildProbe, HttpChildProbe>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(new ChildTimings());
        builder.Services.AddSingleton<ChildRegistry>();
        builder.Services.AddHostedService<ChildrenService>();

        // A name that comes twice is told by the validator.
        foreach (var name in section.GetChildren().Select(c => c["Name"]).Where(n => !string.IsNullOrEmpty(n)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                ChildHealthCheck.NamePrefix + name,
                services => new ChildHealthCheck(services.GetRequiredService<ChildRegistry>().Get(name!)),
                failureStatus: null,
                tags: [ModelCacheDiagnostics.ReadyTag]));
        }
    }

    /// <summary>Tells what is wrong with the section <c>Children</c>, one line per mistake, as the model cache does for its own.</summary>
    /// <returns>Whether nothing is.</returns>
    public static bool CheckChildren(this WebApplication app)
    {
        try
        {
            _ = app.Services.GetRequiredService<IOptions<ChildrenOptions>>().Value;
            return true;
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures)
            {
                Console.Error.WriteLine(failure);
            }

            return false;
        }
    }
}
