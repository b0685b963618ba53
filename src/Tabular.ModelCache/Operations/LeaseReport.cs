namespace Tabular.ModelCache.Operations;

/// <summary>The lease of a model.</summary>
public sealed record LeaseReport
{
    /// <summary>Gets whether somebody holds it, as its object says; a dead holder is noticed only by watching.</summary>
    public required LeaseHolding State { get; init; }

    /// <summary>Gets the machine and the process of the last holder.</summary>
    public required string Holder { get; init; }

    /// <summary>Gets the number of the acquisition, which only rises.</summary>
    public required long Epoch { get; init; }

    /// <summary>Gets when it was taken, renewed or released last, by the store's clock.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>Gets how long the holder may go without a renewal.</summary>
    /// <value>In seconds.</value>
    public required double TtlSeconds { get; init; }
}
