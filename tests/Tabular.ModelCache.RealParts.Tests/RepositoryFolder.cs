using System.Reflection;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary>Where the repository lies, as the build has written it down.</summary>
internal static class RepositoryFolder
{
    public static string Path { get; } = typeof(RepositoryFolder).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryFolder")
        .Value!;
}
