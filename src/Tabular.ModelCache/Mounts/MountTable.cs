namespace Tabular.ModelCache.Mounts;

/// <summary>The mounts of this process as they are now.</summary>
/// <param name="load">Gives the text of <c>/proc/self/mountinfo</c>; <see langword="null"/> where the system has none.</param>
internal sealed class MountTable(Func<string?> load)
{
    public IReadOnlyList<MountEntry> Read() => load() is { } text ? MountInfo.Parse(text) : [];
}
