namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>
/// The last handler before the network. It tells a request that may have reached the server from one whose credential could not be
/// had, which decides whether a failure leaves doubt; and it reports every request that goes out.
/// </summary>
internal sealed class WireHandler(HttpMessageHandler inner, Action<StorageRequestEvent>? onRequest) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<bool> Sent = new("Tabular.ModelCache.Sent");

    public static bool WasSent(HttpRequestMessage request) => request.Options.TryGetValue(Sent, out var sent) && sent;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(Sent, true);
        if (onRequest is not null && request.Options.TryGetValue(StorageCall.Key, out var call))
        {
            onRequest(new StorageRequestEvent(call.Operation, call.ObjectName));
        }

        return base.SendAsync(request, cancellationToken);
    }
}
