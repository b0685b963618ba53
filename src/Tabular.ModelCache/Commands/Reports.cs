using System.Text.Json;
using System.Text.Json.Serialization;
using Tabular.ModelCache.Doctor;

namespace Tabular.ModelCache.Commands;

/// <summary>What the store has: the answer of <c>model-cache status</c>.</summary>
internal sealed record StatusReport(string Store, long Sequence, IReadOnlyList<ModelReport> Models);

/// <summary>One model of a <see cref="StatusReport"/>.</summary>
internal sealed record ModelReport(
    string Name,
    string Kind,
    bool Configured,
    string? Active,
    string? Held,
    IReadOnlyList<VersionReport> Versions,
    IReadOnlyList<string> Doomed,
    LeaseReport? Lease,
    int Leftovers);

/// <summary>One kept version of a <see cref="ModelReport"/>.</summary>
internal sealed record VersionReport(
    string Version,
    bool Active,
    bool Pinned,
    DateTimeOffset CreatedAt,
    DateTimeOffset? RetiredAt,
    long Bytes,
    int Files,
    string Source,
    string Digest);

/// <summary>The lease of a model: who has it, by the store's clock since when.</summary>
internal sealed record LeaseReport(string State, string Holder, long Epoch, DateTimeOffset Updated);

/// <summary>What a sync did: the answer of <c>model-cache sync</c>.</summary>
internal sealed record SyncReport(IReadOnlyList<SyncResult> Models, double Seconds)
{
    /// <summary>The worst of the models: a failure counts more than a busy lease.</summary>
    public int ExitCode =>
        Models.Any(m => m.ExitCode == ModelCacheExitCodes.Failed) ? ModelCacheExitCodes.Failed :
        Models.Any(m => m.ExitCode == ModelCacheExitCodes.LeaseBusy) ? ModelCacheExitCodes.LeaseBusy : ModelCacheExitCodes.Success;
}

/// <summary>One model of a <see cref="SyncReport"/>.</summary>
internal sealed record SyncResult(
    string Name,
    string Action,
    string? Version,
    long BytesPulled,
    long BytesCopied,
    double Seconds,
    string? Error,
    [property: JsonIgnore] int ExitCode);

/// <summary>What a verification found: the answer of <c>model-cache verify</c>.</summary>
internal sealed record VerifyReport(IReadOnlyList<VerifyResult> Models)
{
    public int ExitCode => Models.All(m => m.Problem is null) ? ModelCacheExitCodes.Success : ModelCacheExitCodes.Failed;
}

/// <summary>One model of a <see cref="VerifyReport"/>.</summary>
internal sealed record VerifyResult(string Name, string? Version, string Level, string? Problem, double Seconds);

[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(SyncReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class ReportJsonContext : JsonSerializerContext
{
    /// <summary>The form in which reports are printed: names stay readable.</summary>
    public static ReportJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
