namespace Tabular.ModelCache.Requirements;

/// <summary>
/// Where pip looks for packages, as the options of all files leave it: they count for the whole run wherever they stand, a later
/// <c>--index-url</c> replaces all indexes before it, and no index comes before another.
/// </summary>
internal sealed class PackageIndexes
{
    private readonly List<PackageIndex> _links = [];
    private List<PackageIndex> _indexes = [];
    private bool _isDefault = true;
    private bool _isOff;

    /// <summary>Gets the addresses that are used in the end.</summary>
    public IEnumerable<PackageIndex> Used => _indexes.Concat(_links);

    /// <summary>Gets a value indicating whether all of them have CPU builds alone.</summary>
    public bool AreAllCpu => !_isDefault && Used.Any() && Used.All(u => u.Url.Source == BuildKind.Cpu);

    /// <summary>Gets a value indicating whether one of them has CPU builds alone.</summary>
    public bool HasCpu => Used.Any(u => u.Url.Source == BuildKind.Cpu);

    /// <summary>Applies a line of options.</summary>
    public void Apply(RequirementsLine line)
    {
        if (line.Options.Has(PipOptions.NoIndex))
        {
            (_isOff, _isDefault, _indexes) = (true, false, []);
        }

        if (!_isOff)
        {
            if (line.Options.Named(PipOptions.IndexUrl).LastOrDefault() is { } index)
            {
                (_isDefault, _indexes) = (false, [Address(line, index)]);
            }

            _indexes.AddRange(line.Options.Named(PipOptions.ExtraIndexUrl).Select(o => Address(line, o)));
        }

        // Of several on one line pip takes the first.
        _links.AddRange(line.Options.Named(PipOptions.FindLinks).Take(1).Select(o => Address(line, o)));
    }

    private static PackageIndex Address(RequirementsLine line, PipOption option) => new(line.At(option.Offset), new ArtifactReference(option.Value));
}
