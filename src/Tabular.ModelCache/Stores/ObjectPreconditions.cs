namespace Tabular.ModelCache.Stores;

/// <summary>Conditions that the live version of an object must meet for a request to take effect.</summary>
/// <remarks>
/// The four conditions of the Cloud Storage JSON API (<see href="https://cloud.google.com/storage/docs/request-preconditions"/>).
/// A generation of 0 stands for "no live version". A <c>Match</c> that does not hold is
/// <see cref="ObjectStoreError.PreconditionFailed"/>, a <c>NotMatch</c> that does not hold is <see cref="ObjectStoreError.NotModified"/>.
/// The default value has no condition.
/// </remarks>
public readonly record struct ObjectPreconditions
{
    /// <summary>The condition that no live version exists: <c>ifGenerationMatch=0</c>.</summary>
    public static ObjectPreconditions MustNotExist => new() { IfGenerationMatch = 0 };

    /// <summary>Gets the generation that must be live; 0 when there must be none.</summary>
    public long? IfGenerationMatch { get; init; }

    /// <summary>Gets the generation that must not be live; 0 when there must be one.</summary>
    public long? IfGenerationNotMatch { get; init; }

    /// <summary>Gets the metageneration that the live version must have. Give the generation with it: it restarts at 1 with each.</summary>
    public long? IfMetagenerationMatch { get; init; }

    /// <summary>Gets the metageneration that the live version must not have.</summary>
    public long? IfMetagenerationNotMatch { get; init; }

    /// <summary>Gets whether no condition is set.</summary>
    public bool IsEmpty => this == default;

    /// <summary>The condition that exactly this version is live, with exactly this metadata.</summary>
    /// <param name="version">The version that was read.</param>
    /// <returns>A condition on its generation and metageneration.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="version"/> is <see langword="null"/>.</exception>
    public static ObjectPreconditions Matches(StoredObject version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return new() { IfGenerationMatch = version.Generation, IfMetagenerationMatch = version.Metageneration };
    }

    /// <summary>Refuses a request whose conditions do not hold. Match conditions come first, as 412 wins over 304.</summary>
    /// <param name="name">The name of the object, for the message.</param>
    /// <param name="generation">The generation of the live version; 0 when there is none.</param>
    /// <param name="metageneration">The metageneration of the live version; 0 when there is none.</param>
    /// <exception cref="ObjectStoreException">A condition does not hold.</exception>
    internal void Verify(string name, long generation, long metageneration)
    {
        if ((IfGenerationMatch is { } wanted && wanted != generation)
            || (IfMetagenerationMatch is { } wantedMeta && (generation == 0 || wantedMeta != metageneration)))
        {
            throw new ObjectStoreException(
                ObjectStoreError.PreconditionFailed,
                $"The object '{name}' was expected to have {Describe(IfGenerationMatch, IfMetagenerationMatch)}, but {DescribeLive(generation, metageneration)}. Read it again and decide anew.",
                name);
        }

        if ((IfGenerationNotMatch is { } unwanted && unwanted == generation)
            || (IfMetagenerationNotMatch is { } unwantedMeta && generation != 0 && unwantedMeta == metageneration))
        {
            throw new ObjectStoreException(
                ObjectStoreError.NotModified,
                $"The object '{name}' was expected not to have {Describe(IfGenerationNotMatch, IfMetagenerationNotMatch)}, but {DescribeLive(generation, metageneration)}. It is unchanged.",
                name);
        }
    }

    private static string Describe(long? generation, long? metageneration) => (generation, metageneration) switch
    {
        ({ } g, { } m) => $"generation {g} and metageneration {m}",
        ({ } g, null) => $"generation {g}",
        (null, { } m) => $"metageneration {m}",
        _ => "any version",
    };

    private static string DescribeLive(long generation, long metageneration) =>
        generation == 0 ? "it does not exist" : $"it has generation {generation} and metageneration {metageneration}";
}
