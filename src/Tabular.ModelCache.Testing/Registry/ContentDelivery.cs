namespace Tabular.ModelCache.Testing;

/// <summary>How a <see cref="ModelRegistryServer"/> delivers large content.</summary>
public enum ContentDelivery
{
    /// <summary>By a redirect to a signed address of the same host and port.</summary>
    Redirect,

    /// <summary>By a redirect to a signed address of another port, which refuses an <c>Authorization</c> header as object stores do.</summary>
    RedirectToSecondPort,

    /// <summary>In the answer itself.</summary>
    Direct,
}
