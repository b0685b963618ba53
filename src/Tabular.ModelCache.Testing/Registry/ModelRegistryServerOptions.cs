namespace Tabular.ModelCache.Testing;

/// <summary>How a <see cref="ModelRegistryServer"/> serves, and what it does wrong on purpose.</summary>
public sealed record ModelRegistryServerOptions
{
    /// <summary>Gets the TCP port on 127.0.0.1.</summary>
    /// <value>The default is 0: any free port.</value>
    public int Port { get; init; }

    /// <summary>Gets how blobs of Ollama models and LFS files are delivered.</summary>
    /// <value>The default is <see cref="ContentDelivery.Redirect"/>.</value>
    public ContentDelivery Delivery { get; init; }

    /// <summary>Gets how long a signed address is good, in whole seconds, by <see cref="TimeProvider"/>.</summary>
    /// <value>The default is one day.</value>
    public TimeSpan SignatureLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Gets how many entries a page of a Hub repository's file list has at the most.</summary>
    /// <value>The default is 1000.</value>
    public int HubPageSize { get; init; } = 1000;

    /// <summary>Gets the tokens of accounts that may read every repository of the Hub.</summary>
    /// <value>The default is <see langword="null"/>: every token may.</value>
    public IReadOnlyCollection<string>? Tokens { get; init; }

    /// <summary>Gets the tokens of accounts that exist but may read public repositories only.</summary>
    /// <value>The default is empty.</value>
    public IReadOnlyCollection<string> StrangerTokens { get; init; } = [];

    /// <summary>Gets the clock, for latencies and the expiry of signed addresses.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets what is asked, for each request before it is served, for a fault; it may be called concurrently.</summary>
    /// <value>The default is <see langword="null"/>: no fault.</value>
    public Func<ModelRegistryRequest, ModelRegistryFault?>? Fault { get; init; }

    /// <summary>Gets what is called with each entry of the request log; it may be called concurrently.</summary>
    public Action<ModelRegistryRequestRecord>? OnRequest { get; init; }
}
