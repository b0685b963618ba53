namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>Where the build puts things, seen from this program: <c>tests/(project)/bin/(configuration)/(framework)/</c>.</summary>
internal static class BuildOutput
{
    private static readonly DirectoryInfo Own = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    private static string Framework => Own.Name;

    private static string Configuration => Own.Parent!.Name;

    public static bool IsRelease => Configuration == "Release";

    public static string RepositoryRoot => Path.GetFullPath(Path.Join(Own.FullName, "..", "..", "..", "..", ".."));

    /// <summary>Gets the programs of the same build, which the runtime compiles as it goes.</summary>
    public static Programs Programs { get; } = new(
        Path.Join(RepositoryRoot, "samples", "Tabular", "bin", Configuration, Framework, "Tabular.dll"), TestProgram("BareApp"), TestProgram("TestProcess"));

    public static string OwnProgram => typeof(BuildOutput).Assembly.Location;

    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string TestProgram(string name) =>
        Path.Join(RepositoryRoot, "tests", $"Tabular.ModelCache.{name}", "bin", Configuration, Framework, $"Tabular.ModelCache.{name}.dll");
}
