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

    /// <summary>Gets the sample app as it would be without the library.</summary>
    public static string BareProgram => TestProgram("BareApp");

    /// <summary>Gets the small programs that tests start.</summary>
    public static string WorkerProgram => TestProgram("TestProcess");

    public static string OwnProgram => typeof(BuildOutput).Assembly.Location;

    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string TestProgram(string name) =>
        Path.Join(RepositoryRoot, "tests", $"Tabular.ModelCache.{name}", "bin", Configuration, Framework, $"Tabular.ModelCache.{name}.dll");
}
