namespace Tabular.ModelCache.Requirements;

/// <summary>Words by which builds for GPUs and for CPUs tell themselves apart.</summary>
internal static class BuildLabel
{
    private static readonly string[] GpuStarts = ["cuda", "rocm", "xpu", "gpu", "hip"];

    /// <summary>Judges the local label of a version: <c>cu121</c>, <c>cpu</c>, <c>cpu.cxx11.abi</c>, <c>pt24cu121</c>.</summary>
    public static BuildKind OfVersion(string label)
    {
        var words = label.ToLowerInvariant().Split('.', '-', '_').Select(WithoutTorch).ToList();
        return words.Exists(w => IsCuda(w) || GpuStarts.Any(s => w.StartsWith(s, StringComparison.Ordinal))) ? BuildKind.Gpu
            : words.Exists(w => w.StartsWith("cpu", StringComparison.Ordinal)) ? BuildKind.Cpu
            : BuildKind.Unknown;
    }

    /// <summary>Judges the folders of an address: <c>whl/cpu</c>, <c>whl/nightly/cu128</c>, <c>whl/xpu</c>.</summary>
    /// <param name="folders">In lower case.</param>
    public static BuildKind OfFolders(IReadOnlyList<string> folders)
    {
        var result = BuildKind.Unknown;
        for (var i = 0; i < folders.Count; i++)
        {
            var folder = folders[i];
            var isBelowWheels = i > 0 && (IsWheels(folders[i - 1]) || (folders[i - 1] is "nightly" or "test" && i > 1 && IsWheels(folders[i - 2])));
            if ((IsCuda(folder) && folder.Skip(2).All(c => c is >= '0' and <= '9'))
                || (isBelowWheels && (IsCuda(folder) || GpuStarts.Any(s => folder.StartsWith(s, StringComparison.Ordinal)))))
            {
                return BuildKind.Gpu;
            }

            result = isBelowWheels && (folder == "cpu" || folder.StartsWith("cpu-", StringComparison.Ordinal)) ? BuildKind.Cpu : result;
        }

        return result;
    }

    /// <summary>Whether a word is <c>cu</c> with the number of a version: <c>cu12</c>, <c>cu121</c>.</summary>
    public static bool IsCuda(string word) => word is ['c', 'u', >= '0' and <= '9', ..];

    // Extensions of torch name its version first.
    private static string WithoutTorch(string word) =>
        word is ['p', 't', >= '0' and <= '9', ..] ? word[2..].TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') : word;

    private static bool IsWheels(string folder) => folder is "whl" or "pytorch-wheels";
}
