namespace Tabular.ModelCache.Publishing;

/// <summary>Why something is published.</summary>
internal enum PublishMode
{
    /// <summary>An instance needs a model that the manifest does not have.</summary>
    Start,

    /// <summary>The sync job follows the source.</summary>
    Sync,
}
