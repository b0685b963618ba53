using System.Reflection;

namespace Tabular.ModelCache.Tests.Shared;

/// <summary>The files of the repository that tests hold the product to.</summary>
internal static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts", "TestResults", "node_modules"];

    /// <summary>The folder of the repository, as the build has written it down.</summary>
    public static string Root { get; } = Path.TrimEndingDirectorySeparator(typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot")
        .Value!);

    public static string PathOf(string path) => Path.Join(Root, path);

    /// <summary>All files with an extension, outside of what builds and tools make.</summary>
    /// <param name="extension">For example <c>.md</c>.</param>
    /// <param name="below">A folder of the repository; empty for all of it.</param>
    public static IEnumerable<string> Files(string extension, string below = "") =>
        Directory.EnumerateFiles(PathOf(below), "*" + extension, SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root, file).Split('/').Any(part => part.StartsWith('.') || Generated.Contains(part)));
}
