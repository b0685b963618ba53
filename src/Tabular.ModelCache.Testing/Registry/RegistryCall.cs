using Microsoft.AspNetCore.Http;

namespace Tabular.ModelCache.Testing;

/// <summary>One request on its way through the server.</summary>
internal sealed class RegistryCall(HttpContext context, RegistryRoute route)
{
    public HttpContext Context { get; } = context;

    public RegistryRoute Route { get; } = route;

    public ModelRegistryFault? Fault { get; set; }

    public CancellationToken Aborted => Context.RequestAborted;

    public bool IsHead => HttpMethods.IsHead(Context.Request.Method);

    /// <summary>Gets where the client thinks that this server is, without a slash at the end.</summary>
    public string Origin => $"http://{Context.Request.Host}";

    public string? BearerToken
    {
        get
        {
            var value = Context.Request.Headers.Authorization.ToString();
            return value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? value["Bearer ".Length..].Trim() : null;
        }
    }

    public string? Header(string name) => Context.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
}
