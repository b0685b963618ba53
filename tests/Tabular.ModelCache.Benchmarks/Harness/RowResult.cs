using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What was measured of one row.</summary>
/// <param name="Name">The names of the job and of the opponent.</param>
/// <param name="Ours">What this library does.</param>
/// <param name="Against">What it is compared with.</param>
/// <param name="Bytes">How many bytes of models the job is about.</param>
/// <param name="Quantity">What the ratio is of.</param>
/// <param name="Missing">What is not there without which the row cannot be measured; then there are no pairs.</param>
/// <param name="Pairs">The measured pairs, in their order.</param>
internal sealed record RowResult(
    string Name, string Ours, string Against, long Bytes, [property: JsonConverter(typeof(JsonStringEnumConverter))] Quantity Quantity,
    string? Missing, IReadOnlyList<MeasuredPair> Pairs)
{
    /// <summary>Gets what the row should show.</summary>
    [JsonIgnore]
    public Aim? Aim { get; init; }

    [JsonPropertyName("aim")]
    public string? AimText => Aim?.Text;

    public bool? IsAimMet => Pairs.Count == 0 ? null : Aim?.IsMet(this);

    /// <summary>Gets the spread of the pairs' ratios, ours by theirs: each compares two runs that the machine's other load met alike.</summary>
    public Spread? Ratio => Of(pair => pair.Ours.Get(Quantity) / pair.Against.Get(Quantity));

    public Spread? OurSeconds => Of(pair => pair.Ours.Seconds);

    public Spread? AgainstSeconds => Of(pair => pair.Against.Seconds);

    public Spread? OurPeakBytes => Of(pair => pair.Ours.PeakBytes);

    public Spread? AgainstPeakBytes => Of(pair => pair.Against.PeakBytes);

    public Spread? OurCpuSeconds => Of(pair => pair.Ours.CpuSeconds);

    public Spread? AgainstCpuSeconds => Of(pair => pair.Against.CpuSeconds);

    public Spread? OurServerCpuSeconds => Of(pair => pair.Ours.ServerCpuSeconds);

    public Spread? AgainstServerCpuSeconds => Of(pair => pair.Against.ServerCpuSeconds);

    public Spread? OurRequests => Of(pair => pair.Ours.Bucket?.Requests);

    public Spread? AgainstRequests => Of(pair => pair.Against.Bucket?.Requests);

    /// <summary>Gets what else our last run has to say.</summary>
    public string? Note => Pairs.Count == 0 ? null : Pairs[^1].Ours.Note;

    private Spread? Of(Func<MeasuredPair, double?> value)
    {
        var values = Pairs.Select(value).OfType<double>().ToArray();
        return values.Length == 0 ? null : Spread.Of(values);
    }
}
