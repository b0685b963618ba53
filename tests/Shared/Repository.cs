using System.Reflection;

namespace Tabular.ModelCache.Tests.Shared;

/// <summary>The files of the repository that tests hold the product to.</summary>
internal static class Repository
{
    /// <summary>The folder of the repository, as the build has written it down.</summary>
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot")
        .Value!;

    public static string PathOf(string path) => Path.Join(Root, path);
}
