using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Telemetry;
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
        client.AddResilienceHandler(
            "standard", (pipeline, context) => Configure(pipeline, context.ServiceProvider.GetRequiredService<SourceHttpTimings>(),
                context.ServiceProvider.GetRequiredService<ILogger<SourceHttpClient>>())).SelectPipelineByAuthority();
        services.Configure<TelemetryOptions>(QuietAttempts);
    }

    /// <summary>
    /// What the resilience library tells is logged at the level Debug: a model of 3 GB has hundreds of attempts, and those that fail come
    /// with a stack trace each. A retry is told in one line of our own. The clients of the app stay as they are.
    /// </summary>
    private static void QuietAttempts(TelemetryOptions options)
    {
        var others = options.SeverityProvider;
        options.SeverityProvider = args =>
            args.Source.PipelineName?.StartsWith(ClientName, StringComparison.Ordinal) == true
                ? ResilienceEventSeverity.Debug
                : others?.Invoke(args) ?? args.Event.Severity;
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

    /// <summary>
    /// The strategies of AddStandardResilienceHandler, in its order. That one validates its options at the start of the host, which loads and compiles all of
    /// this also on a hit, where no source is asked.
    /// </summary>
    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, SourceHttpTimings timings, ILogger logger)
    {
        var options = new HttpStandardResilienceOptions();
        Configure(options, timings, logger);
        pipeline.AddRateLimiter(options.RateLimiter).AddTimeout(options.TotalRequestTimeout).AddRetry(options.Retry)
            .AddCircuitBreaker(options.CircuitBreaker).AddTimeout(options.AttemptTimeout);
    }

    private static void Configure(HttpStandardResilienceOptions options, SourceHttpTimings timings, ILogger logger)
    {
        options.AttemptTimeout.Timeout = timings.Headers;
        options.TotalRequestTimeout.Timeout = timings.AllAttempts;
        options.CircuitBreaker.SamplingDuration = 2 * timings.Headers > TimeSpan.FromSeconds(1) ? 2 * timings.Headers : TimeSpan.FromSeconds(1);
        options.Retry.MaxRetryAttempts = timings.Attempts - 1;
        options.Retry.BackoffType = DelayBackoffType.Exponential;
        options.Retry.UseJitter = true;
        options.Retry.Delay = timings.Backoff;
        options.Retry.MaxDelay = timings.LongestBackoff;
        options.Retry.DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result is { } response ? RetryAfter.Of(response) : null);
        options.Retry.OnRetry = args =>
        {
            var uri = args.Context.GetRequestMessage()?.RequestUri;
            var reason = args.Outcome.Result is { } response ? SourceErrors.Describe(response) : SourceErrors.Innermost(args.Outcome.Exception!);
            SourceLog.Retrying(
                logger, uri is null ? "" : SourceErrors.Show(uri), args.AttemptNumber + 1, timings.Attempts, (long)args.RetryDelay.TotalMilliseconds, reason);
            return ValueTask.CompletedTask;
        };
        options.Retry.ShouldHandle = args => ValueTask.FromResult(IsTransient(args.Outcome, timings));
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
