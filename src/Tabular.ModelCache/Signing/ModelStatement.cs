using System.Security.Cryptography;
using System.Text.Json;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Signing;

/// <summary>
/// What a <c>model.sig</c> says: an in-toto statement with the predicate of OpenSSF Model Signing v1.0, method <c>files</c>, SHA-256, no
/// symbolic links (<see href="https://github.com/ossf/model-signing-spec"/>).
/// </summary>
/// <param name="Subject">The name of the model; other tools write the folder's name, so nothing relies on it.</param>
/// <param name="Annotations">What this library binds besides: which model and version the files are. Empty in bundles of other tools.</param>
/// <param name="Resources">The files, ordered by the bytes of their names.</param>
/// <param name="IgnoredPaths">Paths that were not signed; each covers what is below it.</param>
internal sealed record ModelStatement(
    string Subject,
    IReadOnlyDictionary<string, string> Annotations,
    IReadOnlyList<SignedResource> Resources,
    IReadOnlyList<string> IgnoredPaths)
{
    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>50,000 files take about 10 MiB.</summary>
    public const int MostBytes = 12 << 20;

    // A file has 13.
    private const int MostTokens = 700_000;

    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string PredicateType = "https://model_signing/signature/v1.0";
    private const string HashName = "sha256";
    private const int MostFiles = 50_010;
    private const int MostAnnotations = 32;

    /// <summary>The SHA-256 over the digests of all files, as raw bytes, in the order of the resources.</summary>
    public static string RootDigest(IReadOnlyList<SignedResource> resources)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var resource in resources)
        {
            hash.AppendData(Convert.FromHexString(resource.Sha256));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static ModelStatement Create(
        string subject, IReadOnlyDictionary<string, string> annotations, IEnumerable<SignedResource> resources, IEnumerable<string> ignored) =>
        new(subject, annotations, [.. resources.OrderBy(r => r.Name, Utf8NameComparer.Instance)], [.. ignored.Order(Utf8NameComparer.Instance)]);

    /// <summary>Reads the payload of an envelope whose signature was verified.</summary>
    /// <exception cref="FormatException">It is not such a statement, or names files that no model may have.</exception>
    public static ModelStatement Parse(ReadOnlyMemory<byte> payload)
    {
        using var document = StrictJson.Parse(payload, MostBytes, MostTokens);
        var root = new StrictElement(document.RootElement, null);
        root.Member("_type").ExpectText(StatementType);
        root.Member("predicateType").ExpectText(PredicateType);
        var subject = root.Member("subject").Items(1, 1).Single();
        var predicate = root.Member("predicate");
        var ignored = ReadSerialization(predicate.Member("serialization"));
        var resources = new List<SignedResource>();
        foreach (var item in predicate.Member("resources").Items(1, MostFiles))
        {
            item.Member("algorithm").ExpectText(HashName);
            resources.Add(new SignedResource(item.Member("name").Text(), Digest(item.Member("digest")), item.Optional("annotations")?.Optional("size")?.Count()));
        }

        if (VersionPaths.FindProblem(resources.Select(r => (r.Name, r.Size ?? 0))) is { } problem)
        {
            throw new FormatException(problem);
        }

        var signed = Digest(subject.Member("digest").Member(HashName));
        var computed = RootDigest(resources);
        return signed == computed
            ? new ModelStatement(subject.Member("name").Text(), ReadAnnotations(subject), resources, ignored)
            : throw new FormatException($"subject[0].digest is {signed}, and the files add up to {computed}");
    }

    public byte[] Serialize() => SignedJson.Write(Write);

    /// <summary>Whether two statements bind the same files to the same identity, whatever their order.</summary>
    public bool SaysTheSame(ModelStatement other) =>
        Annotations.Count == other.Annotations.Count && !Annotations.Except(other.Annotations).Any() &&
        Resources.Count == other.Resources.Count && Resources.ToHashSet().SetEquals(other.Resources);

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("_type", StatementType);
        writer.WriteStartArray("subject");
        writer.WriteStartObject();
        writer.WriteString("name", Subject);
        writer.WriteStartObject("digest");
        writer.WriteString(HashName, RootDigest(Resources));
        writer.WriteEndObject();
        if (Annotations.Count > 0)
        {
            writer.WriteStartObject("annotations");
            foreach (var (name, value) in Annotations)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("predicateType", PredicateType);
        WritePredicate(writer);
        writer.WriteEndObject();
    }

    private void WritePredicate(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("predicate");
        writer.WriteStartObject("serialization");
        writer.WriteString("method", "files");
        writer.WriteString("hash_type", HashName);
        writer.WriteBoolean("allow_symlinks", false);
        writer.WriteStartArray("ignore_paths");
        foreach (var path in IgnoredPaths)
        {
            writer.WriteStringValue(path);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartArray("resources");
        foreach (var resource in Resources)
        {
            writer.WriteStartObject();
            writer.WriteString("name", resource.Name);
            writer.WriteString("algorithm", HashName);
            writer.WriteString("digest", resource.Sha256);
            if (resource.Size is { } size)
            {
                writer.WriteStartObject("annotations");
                writer.WriteNumber("size", size);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static List<string> ReadSerialization(StrictElement serialization)
    {
        serialization.Member("method").ExpectText("files");
        serialization.Member("hash_type").ExpectText(HashName);
        if (serialization.Member("allow_symlinks").Flag())
        {
            throw new FormatException($"{serialization.Path}.allow_symlinks is true; expected is false");
        }

        return serialization.Optional("ignore_paths") is { } ignored ? [.. ignored.Items(0, MostFiles).Select(i => i.Text())] : [];
    }

    private static Dictionary<string, string> ReadAnnotations(StrictElement subject)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        if (subject.Optional("annotations") is { Value.ValueKind: JsonValueKind.Object } element)
        {
            // Other tools may put anything there; only texts can be ours.
            foreach (var member in element.Value.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String).Take(MostAnnotations))
            {
                annotations[member.Name] = new StrictElement(member.Value, new StrictPath(element.Place, StrictElement.Printable(member.Name), 0)).Text();
            }
        }

        return annotations;
    }

    private static string Digest(StrictElement element)
    {
        var text = element.Text();
        return Sha256Hex.IsValid(text) ? text : throw new FormatException($"{element.Path} is not 64 lower-case hex digits");
    }
}
