using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Tabular.ModelCache.Testing;

/// <summary>Takes each request through the log, its fault, its operation and its answer.</summary>
internal sealed class KeyManagementHandler(KeyManagementServerOptions options) : IDisposable
{
    private const string GetPublicKey = "getPublicKey";
    private const string AsymmetricSign = "asymmetricSign";

    private readonly ConcurrentDictionary<string, SigningKeyVersion> _keys = new(StringComparer.Ordinal);
    private readonly RequestLog<KeyManagementRequest> _log = new(onRequest: null);

    public IReadOnlyList<KeyManagementRequest> GetRequests(bool clear) => _log.Get(clear);

    public bool TryAdd(string name, SigningKeyVersion key) => _keys.TryAdd(name, key);

    public SigningKeyVersion? Find(string name) => _keys.GetValueOrDefault(name);

    public async Task HandleAsync(HttpContext context)
    {
        var request = Describe(context);
        _log.Add(request);
        var fault = options.Fault?.Invoke(request);
        try
        {
            if (fault is { Stall: true })
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(false);
            }

            var reply = fault is { Status: { } status }
                ? new KeyManagementReply(status, fault.Body)
                : await ServeAsync(context, request, fault).ConfigureAwait(false);
            var body = Encoding.UTF8.GetBytes(reply.Body);
            context.Response.StatusCode = reply.Status;
            context.Response.ContentType = "application/json; charset=UTF-8";
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The client is gone.
        }
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    private static KeyManagementRequest Describe(HttpContext context)
    {
        const string Version = "/v1/";
        const string PublicKey = "/publicKey";
        const string Sign = ":" + AsymmetricSign;
        var path = LoopbackHost.TargetOf(context).Split('?')[0];
        var name = path.StartsWith(Version, StringComparison.Ordinal) ? path[Version.Length..] : path;
        return context.Request.Method switch
        {
            "GET" when name.EndsWith(PublicKey, StringComparison.Ordinal) => new(GetPublicKey, name[..^PublicKey.Length]),
            "POST" when name.EndsWith(Sign, StringComparison.Ordinal) => new(AsymmetricSign, name[..^Sign.Length]),
            _ => new("unknown", path),
        };
    }

    private async Task<KeyManagementReply> ServeAsync(HttpContext context, KeyManagementRequest request, KeyManagementFault? fault)
    {
        if (Find(request.Name) is not { } key)
        {
            return KeyManagementReply.Error(404, "NOT_FOUND", $"CryptoKeyVersion {request.Name} not found.");
        }

        if (key.IsDisabled)
        {
            return KeyManagementReply.Error(400, "FAILED_PRECONDITION", $"{request.Name} is not enabled, current state is: DISABLED.");
        }

        if (request.Operation == AsymmetricSign)
        {
            try
            {
                var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted).ConfigureAwait(false);
                return key.Sign(body, fault?.Change);
            }
            catch (JsonException)
            {
                return KeyManagementReply.Invalid("Invalid JSON payload received.");
            }
        }

        var answer = key.GetPublicKey();
        fault?.Change?.Invoke(answer);
        return KeyManagementReply.Success(answer);
    }
}
