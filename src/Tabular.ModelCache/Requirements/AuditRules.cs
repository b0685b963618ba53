namespace Tabular.ModelCache.Requirements;

/// <summary>The rules of the audit. docs/cpu-only-audit.md has the same table, and a test compares the two.</summary>
internal static class AuditRules
{
    private const string PinCpu =
        "Write torch==VERSION+cpu (so too torchvision and torchaudio), with --extra-index-url https://download.pytorch.org/whl/cpu on a line of its own.";

    public static readonly AuditRule GpuPackage = Error(
        "MC1001", "a package that exists for GPUs, by its name (`nvidia-*`, `triton`, `onnxruntime-gpu`)",
        "Remove it, or require the package of the same purpose for CPUs.");

    public static readonly AuditRule GpuExtra = Error(
        "MC1002", "an extra that brings GPU packages (`[and-cuda]`, `[cuda12]`, `[onnx-gpu]`)",
        "Remove the extra, or take the one for CPUs.");

    public static readonly AuditRule GpuVersion = Error(
        "MC1003", "a version label of a GPU build (`+cu121`, `+rocm6.1`, `+xpu`), also in a constraint", "Write the label +cpu instead.");

    public static readonly AuditRule GpuFile = Error(
        "MC1004", "a direct reference to a file of a GPU build, by its name or folder", "Refer to the file of the CPU build, whose name has +cpu.");

    public static readonly AuditRule GpuIndex = Error(
        "MC1005", "a package index or a page of links with GPU builds", "Use https://download.pytorch.org/whl/cpu for torch, and no index of GPU builds.");

    public static readonly AuditRule TorchNotProven = Error(
        "MC1006", "torch, torchvision or torchaudio, and nothing proves the CPU build: the wheels for Linux on PyPI need CUDA", PinCpu);

    public static readonly AuditRule TorchPulled = Error(
        "MC1007", "a package that depends on torch, while no line requires torch and no index proves the CPU build", PinCpu);

    public static readonly AuditRule Refused = Error(
        "MC1008", "a line that pip refuses, so that nothing is proven", "Correct the line.");

    public static readonly AuditRule Unreadable = Error(
        "MC1009", "a file that cannot be read, is too large, includes itself, or includes too many others", "Correct the path or the line that includes it.");

    public static readonly AuditRule TorchByLuck = Warning(
        "MC2001", "torch, torchvision or torchaudio without +cpu, while the CPU index is one of several: pip takes the best version of all of them",
        "Write ==VERSION+cpu, or make the CPU index the only one.");

    public static readonly AuditRule TorchByHash = Warning(
        "MC2002", "torch, torchvision or torchaudio pinned with hashes but without +cpu: the hashes decide, and do not tell which build they are of",
        "Write ==VERSION+cpu and the hashes of that build.");

    public static readonly AuditRule Ignored = Warning(
        "MC2003", "something that pip ignores where it stands, such as --index-url on the line of a requirement", "Put it on a line of its own, or remove it.");

    public static readonly AuditRule NotFollowed = Warning(
        "MC2004", "a nested file that is a URL or is missing: what it requires is not known", "Keep the file beside this one.");

    public static readonly AuditRule UnknownMarker = Warning(
        "MC2005", "an environment marker that cannot be evaluated; it counts as true",
        "Correct the marker, or use one of sys_platform, platform_machine and python_version.");

    public static readonly AuditRule TorchPulledByLuck = Warning(
        "MC2006", "a package that depends on torch, while no line requires torch and the CPU index is one of several", PinCpu);

    public static readonly AuditRule LargePackage = Warning(
        "MC2007", "a package whose wheels for Linux contain GPU code although they run without (`tensorflow`, `xgboost`)",
        "Require tensorflow-cpu or xgboost-cpu.");

    public static readonly AuditRule NotLookedInto = Warning(
        "MC2008", "an editable, a repository, a folder or a source archive: what it requires is not known",
        "Build a wheel of it, and list here what it requires.");

    public static readonly AuditRule UnsetVariable = Warning(
        "MC2009", "an environment variable that is not set here, so that pip would see it only elsewhere", "Set it for the audit too, or write its value.");

    /// <summary>All rules, in the order of their ids.</summary>
    public static readonly IReadOnlyList<AuditRule> All =
    [
        GpuPackage, GpuExtra, GpuVersion, GpuFile, GpuIndex, TorchNotProven, TorchPulled, Refused, Unreadable,
        TorchByLuck, TorchByHash, Ignored, NotFollowed, UnknownMarker, TorchPulledByLuck, LargePackage, NotLookedInto, UnsetVariable,
    ];

    private static AuditRule Error(string id, string found, string cure) => new(id, AuditSeverity.Error, found, cure);

    private static AuditRule Warning(string id, string found, string cure) => new(id, AuditSeverity.Warning, found, cure);
}
