using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Operations;

namespace Tabular.ModelCache.Commands;

/// <summary>Reports as JSON.</summary>
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(SyncReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(ChangeReport))]
[JsonSerializable(typeof(PruneReport))]
[JsonSerializable(typeof(EnvironmentReport))]
[JsonSerializable(typeof(UnlockReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(AuditReport))]
internal sealed partial class ReportJsonContext : JsonSerializerContext
{
    /// <summary>The form in which reports are printed: names stay readable.</summary>
    public static ReportJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
