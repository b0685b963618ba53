namespace Tabular.ModelCache.Stores;

/// <summary>What to read of an object.</summary>
public sealed class ObjectReadOptions
{
    /// <summary>Gets the first byte to read.</summary>
    /// <value>0 or more. The default is 0.</value>
    public long Offset { get; init; }

    /// <summary>Gets how many bytes to read at the most.</summary>
    /// <value>Greater than 0, or <see langword="null"/> (the default) for all up to the end.</value>
    public long? Length { get; init; }

    /// <summary>Gets the generation to read, so that a ranged read never mixes two versions.</summary>
    /// <value>The default is <see langword="null"/>: the live version.</value>
    public long? Generation { get; init; }

    /// <summary>Gets the conditions on the version that is read.</summary>
    public ObjectPreconditions Preconditions { get; init; }
}
