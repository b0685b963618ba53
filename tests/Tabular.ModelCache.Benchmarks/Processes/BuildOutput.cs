namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>Where the build puts things, seen from this program: <c>tests/(project)/bin/(configuration)/(framework)/</c>.</summary>
internal static class BuildOutput
{
    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    private static string Framework => Own.Name;

    private static string Configuration => Own.Parent!.Name;

    public static bool IsRelease => Configuration == "Release";

    public static string RepositoryRoot => Path.GetFullPath(Path.Join(Own.FullName, "..", "..", "..", "..", ".."));

    /// <summary>Gets the sample app of the same build.</summary>
    public static string SampleProgram => Path.Join(RepositoryRoot, "samples", "Tabular", "bin", Configuration, Framework, "Tabular.dll");

    public static string OwnProgram => typeof(BuildOutput).Assembly.Location;

    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
