namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>Looks for programs on the path.</summary>
internal static class InstalledProgram
{
    /// <summary>Finds the first of some programs that is not installed; <see langword="null"/> if all are.</summary>
    public static string? FindMissing(params string[] names) =>
        names.FirstOrDefault(name => !Folders.Any(folder => File.Exists(Path.Join(folder, name))));

    private static string[] Folders => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
}
