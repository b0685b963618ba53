namespace Tabular.ModelCache.Testing;

/// <summary>How a <see cref="KeyManagementServer"/> serves, and what it does wrong on purpose.</summary>
public sealed record KeyManagementServerOptions
{
    /// <summary>Gets the TCP port on 127.0.0.1.</summary>
    /// <value>The default is 0: any free port.</value>
    public int Port { get; init; }

    /// <summary>Gets what is asked, for each request before it is served, for a fault; it may be called concurrently.</summary>
    /// <value>The default is <see langword="null"/>: no fault.</value>
    public Func<KeyManagementRequest, KeyManagementFault?>? Fault { get; init; }
}
