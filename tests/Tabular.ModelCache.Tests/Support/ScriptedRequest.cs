namespace Tabular.ModelCache.Tests.Support;

/// <summary>A request that a <see cref="ScriptedServer"/> got.</summary>
internal sealed record ScriptedRequest(string Path, string Query, string Method, string Host, IReadOnlyDictionary<string, string> Headers)
{
    public string? Range => Headers.GetValueOrDefault("Range");

    public string? Authorization => Headers.GetValueOrDefault("Authorization");
}
