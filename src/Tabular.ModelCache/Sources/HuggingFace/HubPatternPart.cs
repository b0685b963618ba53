using System.Text;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>A star, or what one character must be.</summary>
internal sealed class HubPatternPart
{
    public static readonly HubPatternPart Star = new(isStar: true, isNegated: false, []);
    public static readonly HubPatternPart Any = new(isStar: false, isNegated: true, []);

    private readonly bool _isNegated;
    private readonly IReadOnlyList<(int First, int Last)> _ranges;

    private HubPatternPart(bool isStar, bool isNegated, IReadOnlyList<(int First, int Last)> ranges)
    {
        IsStar = isStar;
        _isNegated = isNegated;
        _ranges = ranges;
    }

    public bool IsStar { get; }

    public static HubPatternPart Of(Rune c) => new(isStar: false, isNegated: false, [(c.Value, c.Value)]);

    public static HubPatternPart Of(bool isNegated, IReadOnlyList<(int First, int Last)> ranges) => new(isStar: false, isNegated, ranges);

    public bool Matches(Rune c) => _ranges.Any(r => c.Value >= r.First && c.Value <= r.Last) != _isNegated;
}
