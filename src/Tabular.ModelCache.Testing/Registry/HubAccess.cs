namespace Tabular.ModelCache.Testing;

/// <summary>Who may read a repository of a <see cref="ModelRegistryServer"/>.</summary>
public enum HubAccess
{
    /// <summary>Everybody.</summary>
    Public,

    /// <summary>Everybody sees that it is there; only accepted accounts read its files.</summary>
    Gated,

    /// <summary>Only accepted accounts know of it.</summary>
    Private,
}
