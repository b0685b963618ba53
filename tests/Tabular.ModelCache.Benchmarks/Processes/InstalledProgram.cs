namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>Looks for programs on the path, and for devices.</summary>
internal static class InstalledProgram
{
    /// <summary>Finds the first of some programs, or of devices by their paths, that is not there; <see langword="null"/> if all are.</summary>
    public static string? FindMissing(params string[] names) =>
        names.FirstOrDefault(name => !(Path.IsPathFullyQualified(name) ? File.Exists(name) : Folders.Any(folder => File.Exists(Path.Join(folder, name)))));

    /// <summary>Finds what a FUSE mount lacks.</summary>
    public static string? FindMissingOfMount() => FindMissing("rclone", "fusermount3", "/dev/fuse");

    private static string[] Folders => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
}
