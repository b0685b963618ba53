using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>Registers the one HTTP client of all sources.</summary>
internal static class SourceHttpRegistration
{
    /// <summary>The name of the client; a test replaces its primary handler, an app may add handlers to it.</summary>
    public const string ClientName = "Tabular.ModelCache.Sources";

    public static void AddSourceHttp(this IServiceCollection services)
    {
        services.TryAddSingleton<SourceHttpTimings>();
        services.TryAddSingleton<SourceErrors>();
        services.TryAddSingleton(sp => new SourceHttpClient(
            sp.GetRequiredService<IHttpClientFactory>(),
            sp.GetRequiredService<SourceHttpTimings>(),
            sp.GetRequiredService<ModelCacheClock>(),
            sp.GetRequiredService<SourceErrors>()));
        var client = services.AddHttpClient(ClientName, http =>
        {
            // The resilience handler has the time limits, and they end with the headers.
            http.Timeout = Timeout.InfiniteTimeSpan;
            http.DefaultRequestHeaders.UserAgent.Add(new("Tabular.ModelCache", typeof(SourceHttpRegistration).Assembly.GetName().Version?.ToString(3)));
        });

        // The logs of the factory have the addresses of presigned downloads; what goes wrong is told in the exceptions.
        client.RemoveAllLoggers();
        client.SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        client.ConfigurePrimaryHttpMessageHandler(sp => CreateSocketsHandler(sp.GetRequiredService<SourceHttpTimings>()));
        // An app's own handler for all its clients would retry what is retried here, and end a wait that a registry asked for.
#pragma warning disable EXTEXP0001 // It is the published way, and marked experimental for its form alone.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        client.AddResilienceHandler(ClientName, (pipeline, context) => Configure(pipeline, context.ServiceProvider.GetRequiredService<SourceHttpTimings>()))
            .SelectPipelineByAuthority();
    }

    // The connections are recycled here, so that the factory need not and downloads of hours keep theirs. Proxies are those of the
    // usual variables, which is what the default proxy reads.
    private static SocketsHttpHandler CreateSocketsHandler(SourceHttpTimings timings) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = timings.Connect,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
    };

    // The strategies of the standard handler, in its order, without its limit of concurrent requests: the publisher has its own.
    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, SourceHttpTimings timings)
    {
        // It writes a line for each attempt, also for those that succeed: one for every part of a large file.
        pipeline.TelemetryListener = null;
        var sampling = 2 * timings.Headers;
        pipeline
            .AddTimeout(new HttpTimeoutStrategyOptions { Timeout = timings.AllAttempts })
            .AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = timings.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = timings.Backoff,
                MaxDelay = timings.LongestBackoff,
                DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result is { } response ? RetryAfter.Of(response) : null),
                ShouldHandle = args => ValueTask.FromResult(IsTransient(args.Outcome, timings)),
            })
            .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
            {
                SamplingDuration = sampling > TimeSpan.FromSeconds(1) ? sampling : TimeSpan.FromSeconds(1),
            })
            .AddTimeout(new HttpTimeoutStrategyOptions { Timeout = timings.Headers });
    }

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome, SourceHttpTimings timings) => outcome switch
    {
        { Result: { } response } => IsTransient(response.StatusCode) && !(RetryAfter.Of(response) > timings.LongestRetryAfter),
        // A certificate does not become right by asking again.
        { Exception: HttpRequestException e } => e.HttpRequestError is not (HttpRequestError.SecureConnectionError or HttpRequestError.UserAuthenticationError),
        { Exception: TimeoutRejectedException or BrokenCircuitException } => true,
        // The time limit of connecting has no type of its own.
        { Exception: OperationCanceledException { InnerException: TimeoutException } } => true,
        _ => false,
    };

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError and not HttpStatusCode.NotImplemented;
}
