using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tabular.Children;
using Tabular.ModelCache;

namespace Tabular.StatusPage;

/// <summary><c>/</c>, a page for people, and <c>/status.json</c>, which it asks once a second.</summary>
/// <remarks>
/// It asks instead of being sent events: a stream per open page would take one of the few requests that Cloud Run gives an instance at a time,
/// and would keep the server from its end.
/// </remarks>
internal static class StatusEndpoints
{
    private const string Resource = "Tabular.StatusPage.status.html";
    private const string NoncePlaceholder = "{{nonce}}";
    private const int NonceBytes = 16;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Keeps the last problems for the page. Before the app is built: it is a part of the log.</summary>
    public static void AddStatusPage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RecentProblems>();
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<RecentProblems>());
    }

    /// <summary>Unless <c>STATUS_PAGE</c> is <c>false</c>: texts of problems may name paths and addresses of the deployment.</summary>
    public static void MapStatusPage(this WebApplication app)
    {
        if (!app.Configuration.GetValue("STATUS_PAGE", defaultValue: true))
        {
            return;
        }

        var page = ReadPage();
        app.MapGet("/", (HttpResponse response) =>
        {
            var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));
            response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers["Referrer-Policy"] = "no-referrer";
            response.Headers.CacheControl = "no-store";
            return Results.Content(page.Replace(NoncePlaceholder, nonce, StringComparison.Ordinal), "text/html; charset=utf-8");
        });
        app.MapGet("/status.json", (IModelCache cache, ChildRegistry children, RecentProblems problems, HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-store";
            return Results.Json(Report(cache, children, problems), Json);
        });
    }

    private static StatusReport Report(IModelCache cache, ChildRegistry children, RecentProblems problems) => new(
        cache.Status,
        [.. children.Supervisors.Select(s => new ChildReport(s.Options.Name, s.Options.Model, s.Options.Required, s.Status))],
        problems.List());

    private static string ReadPage()
    {
        using var stream = typeof(StatusEndpoints).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The program has no resource {Resource}; the project embeds StatusPage/status.html under that name.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
