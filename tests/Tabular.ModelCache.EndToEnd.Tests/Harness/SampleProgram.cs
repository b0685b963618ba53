using System.Reflection;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>Where the build has put the sample app.</summary>
internal static class SampleProgram
{
    /// <summary>The path of <c>Tabular.dll</c>.</summary>
    public static string Path { get; } = typeof(SampleProgram).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "SampleProgram")
        .Value!;

    /// <summary>The folder with its <c>appsettings.json</c>: the working directory, as in a container image.</summary>
    public static string Folder { get; } = System.IO.Path.GetDirectoryName(Path)!;

    public static string DotNet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
