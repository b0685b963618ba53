namespace Tabular.ModelCache.Tests.Support;

/// <summary>The files of the repository that these tests were built in.</summary>
internal static class SourceTree
{
    /// <summary>The full path of a file of the repository.</summary>
    public static string PathOf(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Join(folder.FullName, "Tabular.ModelCache.sln")))
        {
            folder = folder.Parent!;
        }

        return Path.Join(folder.FullName, relative);
    }
}
