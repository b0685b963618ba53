namespace Tabular.ModelCache.Publishing;

/// <summary>Is told how publishing goes.</summary>
internal interface IPublishProgress
{
    /// <summary>Another step has begun.</summary>
    void Enter(ModelCacheState state, string reason);

    /// <summary>Bytes came from the source, for the first time or again; called often.</summary>
    void Pulled(long bytes);

    /// <summary>Bytes of the present step are done; called often.</summary>
    void Report(long bytes, long total);
}
