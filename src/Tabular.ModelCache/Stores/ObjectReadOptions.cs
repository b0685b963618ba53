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

    /// <summary>Refuses numbers that no object can satisfy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative, or the length is not positive.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Offset);
        if (Length is { } length)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length, nameof(Length));
        }
    }

    /// <summary>Counts the bytes that a read yields.</summary>
    /// <param name="name">The name of the object, for the message.</param>
    /// <param name="size">The size of the object in bytes.</param>
    /// <returns>The number of bytes from <see cref="Offset"/> on.</returns>
    /// <exception cref="ObjectStoreException">The range starts at or behind the end. Reading all of an empty object is no range.</exception>
    internal long CountWithin(string name, long size)
    {
        var isRange = Offset > 0 || Length is not null;
        if (isRange && Offset >= size)
        {
            throw new ObjectStoreException(
                ObjectStoreError.RangeNotSatisfiable,
                $"The object '{name}' was asked for bytes from {Offset} on, but has {size} bytes.",
                name);
        }

        return Math.Min(Length ?? long.MaxValue, size - Offset);
    }
}
