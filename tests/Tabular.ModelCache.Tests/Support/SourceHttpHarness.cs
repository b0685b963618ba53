using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>The HTTP client of the sources as the product makes it, without its waits.</summary>
internal sealed class SourceHttpHarness : IDisposable
{
    private readonly ServiceProvider _services;

    public SourceHttpHarness(SourceHttpTimings? timings = null, TimeProvider? time = null, Func<HttpMessageHandler>? primary = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(timings ?? Fast);
        services.AddSingleton(new ModelCacheClock(time ?? TimeProvider.System, new Random(1)));
        services.AddSingleton(new SettingPath("ModelCache"));
        services.AddSourceHttp();
        if (primary is not null)
        {
            services.AddHttpClient(SourceHttpRegistration.ClientName).ConfigurePrimaryHttpMessageHandler(primary);
        }

        _services = services.BuildServiceProvider();
    }

    public static SourceHttpTimings Fast => new() { Backoff = TimeSpan.Zero, LongestBackoff = TimeSpan.FromSeconds(1) };

    public SourceHttpClient Client => _services.GetRequiredService<SourceHttpClient>();

    public static SourceRequest Request(Uri uri, params string[] allowed) => new("the thing", uri, new SourceHosts(uri.IdnHost, allowed));

    public HttpSourceFile File(Uri uri, byte[] content, params string[] allowed) => File(Request(uri, allowed), content);

    public HttpSourceFile File(SourceRequest request, byte[] content) =>
        new(Client, request) { Path = "blobs/file", Size = content.Length };

    public void Dispose() => _services.Dispose();
}
