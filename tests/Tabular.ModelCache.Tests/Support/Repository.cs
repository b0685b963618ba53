namespace Tabular.ModelCache.Tests.Support;

/// <summary>The files of the repository that tests hold the product to.</summary>
internal static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts", "TestResults", "node_modules"];

    public static string Root { get; } = Find();

    public static string PathOf(string path) => Path.Join(Root, path);

    /// <summary>All files with an extension, outside of what builds and tools make.</summary>
    /// <param name="extension">For example <c>.md</c>.</param>
    /// <param name="below">A folder of the repository; empty for all of it.</param>
    public static IEnumerable<string> Files(string extension, string below = "") =>
        Directory.EnumerateFiles(PathOf(below), "*" + extension, SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root, file).Split('/').Any(part => part.StartsWith('.') || Generated.Contains(part)));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Join(folder.FullName, "Tabular.ModelCache.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no copy of the repository.");
        }

        return folder.FullName;
    }
}
