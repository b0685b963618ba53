namespace Tabular.ModelCache.Tests.Support;

/// <summary>The files of the repository that tests hold the product to.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(string path) => Path.Join(Root, path);

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
