namespace Tabular.ModelCache.Requirements;

/// <summary>What a label, a file or an address says of the build that it is of.</summary>
internal enum BuildKind
{
    /// <summary>It says nothing.</summary>
    Unknown,

    /// <summary>CPU only.</summary>
    Cpu,

    /// <summary>For a GPU.</summary>
    Gpu,
}
