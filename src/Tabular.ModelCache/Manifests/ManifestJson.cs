using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Manifests;

/// <summary>The strict JSON form of the manifest: bounded, no duplicate members, nothing used before it is checked.</summary>
internal static class ManifestJson
{
    /// <summary>Three versions of 10,000 files take about 10 MiB.</summary>
    public const int MaxBytes = 16 << 20;

    // A file has 12 tokens. Together with the size they keep what parsing allocates below 64 MiB.
    private const int MostTokens = 650_000;
    private const int MostDepth = 32;

    private static readonly ManifestJsonContext Context = new(new JsonSerializerOptions
    {
        AllowDuplicateProperties = false,
        MaxDepth = MostDepth,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,

        // The file is read by people and by tools, never by a browser: names stay as they are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Parses and checks a manifest.</summary>
    /// <exception cref="ModelCacheException">The bytes are not a manifest that this version may use; the message names the object.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json, string displayName)
    {
        if (JsonTokens.FindProblem(MostTokens, json, MostDepth) is { } unfit)
        {
            throw new ModelCacheException($"{displayName} is not a valid manifest: {unfit}; publish it again, or restore an older generation.");
        }

        Manifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, Context.Manifest);
        }
        catch (JsonException e)
        {
            throw new ModelCacheException($"{displayName} is not a valid manifest: {FirstSentence(e)}; publish it again, or restore an older generation.", e);
        }

        if (ManifestRules.FindProblem(manifest) is { } problem)
        {
            throw new ModelCacheException($"{displayName} cannot be used: {problem}.");
        }

        return manifest!;
    }

    public static byte[] Serialize(Manifest manifest) => [.. JsonSerializer.SerializeToUtf8Bytes(manifest, Context.Manifest), (byte)'\n'];

    public static byte[] SerializeEntry(ManifestEntry entry) => JsonSerializer.SerializeToUtf8Bytes(entry, Context.ManifestEntry);

    public static byte[] SerializeRecord(StagingRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Context.StagingRecord);

    public static byte[] SerializeFile(ManifestFile file) => JsonSerializer.SerializeToUtf8Bytes(file, Context.ManifestFile);

    /// <summary>Reads what a dead run left in its staging folder; anything unusable counts as nothing.</summary>
    public static StagingRecord? TryParseRecord(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonTokens.FindProblem(MostTokens, json, MostDepth) is null ? JsonSerializer.Deserialize(json, Context.StagingRecord) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads the receipt of one staged file; anything unusable counts as nothing.</summary>
    public static ManifestFile? TryParseFile(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonTokens.FindProblem(MostTokens, json, MostDepth) is null ? JsonSerializer.Deserialize(json, Context.ManifestFile) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string FirstSentence(JsonException e)
    {
        var end = e.Message.IndexOf(". ", StringComparison.Ordinal);
        var text = end > 0 ? e.Message[..end] : e.Message.TrimEnd('.');

        // The reader quotes what it found up to the next separator, which may be the rest of the document.
        text = SourceErrors.Printable(text);
        return e.LineNumber is { } line ? $"{text} (line {line + 1})" : text;
    }
}

[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(ManifestEntry))]
[JsonSerializable(typeof(StagingRecord))]
internal sealed partial class ManifestJsonContext : JsonSerializerContext;
