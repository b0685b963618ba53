using Microsoft.AspNetCore.Http;

namespace Tabular.ModelCache.Testing;

/// <summary>Takes each request through its fault, its operation, its answer and the log.</summary>
internal sealed class RegistryDispatcher
{
    private readonly ModelRegistryServerOptions _options;
    private readonly OllamaHandler _ollama;
    private readonly RequestLog<ModelRegistryRequestRecord> _log;
    private long _sequence;

    public RegistryDispatcher(ModelRegistryServerOptions options)
    {
        _options = options;
        _log = new(options.OnRequest);
        Signed = new SignedContent(options);
        _ollama = new OllamaHandler(Models, Signed, options);
        Hub = new HubHandler(Signed, options);
    }

    public OllamaCatalog Models { get; } = new();

    public HubHandler Hub { get; }

    public SignedContent Signed { get; }

    /// <summary>Gets or sets the port that serves signed addresses and nothing else.</summary>
    public int? SecondPort { get; set; }

    public IReadOnlyList<ModelRegistryRequestRecord> GetRequests(bool clear) => _log.Get(clear);

    public async Task HandleAsync(HttpContext context)
    {
        var target = LoopbackHost.TargetOf(context);
        var call = new RegistryCall(context, RegistryRoute.Parse(target));
        var request = Describe(call, target);
        var writer = new RegistryReplyWriter(call, _options, (status, sent) => _log.Add(new(request, status, sent)));
        try
        {
            call.Fault = _options.Fault?.Invoke(request);
            if (call.Fault is { Latency.Ticks: > 0 } slow)
            {
                await Task.Delay(slow.Latency, _options.TimeProvider, call.Aborted).ConfigureAwait(false);
            }

            if (call.Fault is { FailsBefore: true } early)
            {
                await writer.FailAsync(early).ConfigureAwait(false);
                return;
            }

            await writer.WriteAsync(await ServeAsync(call).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The client is gone; what it had sent is in the log.
        }
        finally
        {
            writer.Log();
        }
    }

    private ModelRegistryRequest Describe(RegistryCall call, string target) => new()
    {
        Sequence = Interlocked.Increment(ref _sequence),
        Method = call.Context.Request.Method,
        Operation = call.Route.Operation,
        Target = target,
        Model = call.Route.Model,
        Reference = call.Route.Reference,
        File = call.Route.Operation == RegistryRoute.Cdn ? Signed.FindFile(call.Route) : call.Route.File,
        Range = call.Header("Range"),
        HasAuthorization = call.Header("Authorization") is not null,
        UserAgent = call.Header("User-Agent"),
    };

    private async Task<RegistryReply> ServeAsync(RegistryCall call)
    {
        if (call.Fault is { Status: { } status } fault)
        {
            return RegistryReply.Text(status, fault.Body, fault.ContentType);
        }

        if (!HttpMethods.IsGet(call.Context.Request.Method) && !call.IsHead)
        {
            return RegistryReply.Text(405, "405 method not allowed").With("Allow", "GET, HEAD");
        }

        var isSecond = call.Context.Connection.LocalPort == SecondPort;
        return call.Route.Operation switch
        {
            RegistryRoute.Cdn when isSecond || SecondPort is null => Signed.Get(call),
            _ when isSecond => NotFound(),
            RegistryRoute.OllamaManifest => await _ollama.GetManifestAsync(call).ConfigureAwait(false),
            RegistryRoute.OllamaBlob => await _ollama.GetBlobAsync(call).ConfigureAwait(false),
            RegistryRoute.HubModel => await Hub.GetModelAsync(call).ConfigureAwait(false),
            RegistryRoute.HubTree => await Hub.GetTreeAsync(call).ConfigureAwait(false),
            RegistryRoute.HubResolve => await Hub.ResolveAsync(call).ConfigureAwait(false),
            _ => NotFound(),
        };
    }

    private static RegistryReply NotFound() => RegistryReply.Text(404, "404 page not found");
}
