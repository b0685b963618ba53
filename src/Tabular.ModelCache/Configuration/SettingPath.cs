namespace Tabular.ModelCache.Configuration;

/// <summary>The path of the bound section, so that a message names the very key to change.</summary>
/// <param name="Section">The path of the section: <c>ModelCache</c> unless the app binds another.</param>
internal sealed record SettingPath(string Section)
{
    public string Key(string name) => $"{Section}:{name}";
}
