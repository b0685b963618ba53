using System.Reflection;

namespace Tabular.ModelCache.Tests.Documents;

/// <summary>The files of this repository.</summary>
internal static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts", "TestResults", "node_modules"];

    public static string Root { get; } = Path.TrimEndingDirectorySeparator(typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!);

    /// <summary>All files with an extension, outside of what builds and tools make.</summary>
    /// <param name="extension">For example <c>.md</c>.</param>
    /// <param name="below">A folder of the repository; empty for all of it.</param>
    public static IEnumerable<string> Files(string extension, string below = "") =>
        new DirectoryInfo(Path.Join(Root, below)).EnumerateFiles("*" + extension, SearchOption.AllDirectories)
            .Select(file => file.FullName)
            .Where(file => !Path.GetRelativePath(Root, file).Split('/').Any(part => part.StartsWith('.') || Generated.Contains(part)));
}
