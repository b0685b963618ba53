namespace Tabular.ModelCache.Tests.Requirements;

/// <summary>Files that the build has put into this assembly.</summary>
internal static class Resource
{
    public static string Text(string name)
    {
        using var reader = new StreamReader(typeof(Resource).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
