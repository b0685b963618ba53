namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>The trait by which a quick run leaves long tests out: <c>--filter-not-trait Duration=Long</c>.</summary>
internal static class TestKinds
{
    public const string Duration = "Duration";
    public const string Long = "Long";
}
