using System.Reflection;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>Where the build has put the sample app.</summary>
internal static class SampleProgram
{
    /// <summary>The path of <c>Tabular.dll</c>.</summary>
    public static string Path { get; } = Read("SampleProgram");

    /// <summary>The path of <c>Tabular.ModelCache.TestProcess.dll</c>, which stands in for programs that the app starts.</summary>
    public static string StandIn { get; } = Read("StandInProgram");

    /// <summary>The path of <c>LocalBucket.dll</c>.</summary>
    public static string LocalBucket { get; } = Read("LocalBucketProgram");

    /// <summary>The path of <c>LocalRegistry.dll</c>.</summary>
    public static string LocalRegistry { get; } = Read("LocalRegistryProgram");

    /// <summary>The folder of the sample's sources.</summary>
    public static string Sources { get; } = Repository.PathOf("samples/Tabular");

    /// <summary>The folder with its <c>appsettings.json</c>: the working directory, as in a container image.</summary>
    public static string Folder { get; } = System.IO.Path.GetDirectoryName(Path)!;

    public static string DotNet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string Read(string key) => typeof(SampleProgram).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == key)
        .Value!;
}
