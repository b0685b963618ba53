namespace Tabular.ModelCache;

/// <summary>How an instance came by its models. Only <see cref="Pulled"/> is not a cache hit.</summary>
public enum CacheOutcome
{
    /// <summary>The version was there when the instance started.</summary>
    Hit,

    /// <summary>Another instance pulled it while this one waited, or served an older version meanwhile.</summary>
    Waited,

    /// <summary>This instance pulled it: <c>cache_hit=false</c>.</summary>
    Pulled,

    /// <summary>An older version is served instead of the wanted one.</summary>
    Fallback,
}
