namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>A program to run.</summary>
/// <param name="Program">Its name or path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Folder">Its working directory.</param>
internal sealed record Command(string Program, IReadOnlyList<string> Arguments, string Folder)
{
    /// <summary>Gets the variables it has besides those that find programs; nothing else of the machine's own settings reaches it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public override string ToString() => $"{Program} {string.Join(' ', Arguments)}";
}
