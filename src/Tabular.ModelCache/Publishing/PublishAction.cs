namespace Tabular.ModelCache.Publishing;

/// <summary>What became of a model.</summary>
internal enum PublishAction
{
    /// <summary>The manifest already had what is wanted; nothing was written.</summary>
    Unchanged,

    /// <summary>A version was made and put into the manifest.</summary>
    Published,

    /// <summary>A complete version of a run that died before its flip was put into the manifest.</summary>
    Adopted,

    /// <summary>A kept version that was never active was made active.</summary>
    Activated,

    /// <summary>The source is at a digest that an operator rolled back from, or that was active before; only <c>activate</c> brings it back.</summary>
    Held,

    /// <summary>The active version was damaged, and its content was published again as a version of another name.</summary>
    Healed,
}
