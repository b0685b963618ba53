using System.Runtime.InteropServices;

namespace Tabular.ModelCache.Benchmarks.Reports;

/// <summary>What the numbers were measured on.</summary>
internal sealed record Machine(int Cores, long MemoryBytes, string System, string Architecture, string Runtime)
{
    public static Machine Describe() => new(
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription);
}
