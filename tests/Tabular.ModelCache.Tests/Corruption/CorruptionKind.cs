namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>One kind of corruption: a row of the table.</summary>
/// <param name="Name">What is done, as the table says it.</param>
/// <param name="Place">Where.</param>
/// <param name="CorruptAsync">Makes a corrupted bucket; the randomness chooses the file, the bit, the value.</param>
internal sealed record CorruptionKind(string Name, CorruptionPlace Place, Func<PublishedBuckets, Random, Task<CorruptedBucket>> CorruptAsync)
{
    /// <summary>Whether the instances know the newest sequence by <c>MinimumSequence</c>.</summary>
    public bool KnowsSequence { get; init; }

    /// <summary>A corruption of the bucket in memory.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="place">Where.</param>
    /// <param name="change">Does it; returns the names of which a refusal must have one.</param>
    public static CorruptionKind Of(string name, CorruptionPlace place, Func<BucketChanger, Task<string[]>> change) => new(
        name,
        place,
        async (buckets, random) =>
        {
            var changer = new BucketChanger(buckets, place == CorruptionPlace.Mount, random);
            var suspects = await change(changer);
            return CorruptedBucket.InMemory(changer.Store, changer.Mount, suspects);
        });
}
