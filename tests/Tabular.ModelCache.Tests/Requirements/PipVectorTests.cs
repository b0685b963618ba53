using System.Text.Json;
using Tabular.ModelCache.Requirements;

namespace Tabular.ModelCache.Tests.Requirements;

/// <summary>The parser against pip's own: <c>pip-vectors.json</c> is what pip made of the same files, written by <c>pip-vectors.py</c>.</summary>
public sealed class PipVectorTests : IDisposable
{
    // The patch that the vectors were made for.
    private static readonly TargetEnvironment Target = TargetEnvironment.TryCreate("3.11.4")!;
    private static readonly JsonElement Vectors = JsonDocument.Parse(Resource.Text("pip-vectors.json")).RootElement;

    private readonly RequirementsFolder _folder = new();
    private readonly List<AuditFinding> _problems = [];

    public static TheoryData<string> Cases => [.. Vectors.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Parse_File_IsWhatPipMakesOfIt(string name)
    {
        var vector = Vectors.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        foreach (var file in vector.GetProperty("files").EnumerateObject())
        {
            _folder.Write(file.Name, file.Value.GetString()!);
        }

        var expected = vector.GetProperty("expected");
        var indexes = new PackageIndexes();
        var lines = Read(indexes);

        if (expected.TryGetProperty("refused", out _))
        {
            (_problems.Count > 0 || lines.Any(l => l is null || l.Counts == "refused")).Should().BeTrue("pip refuses it");
            return;
        }

        _problems.Should().NotContain(p => p.Rule == AuditRules.Refused);
        lines.Should().Equal(expected.GetProperty("lines").EnumerateArray().Select(Line.Of));
        indexes.Used.Select(u => u.Url.Display).Should().Equal(
            Strings(expected, "indexes").Where(i => i != "https://pypi.org/simple").Concat(Strings(expected, "links")));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Strings(JsonElement element, string name) => element.GetProperty(name).EnumerateArray().Select(e => e.GetString()!);

    private List<Line?> Read(PackageIndexes indexes)
    {
        var variables = Vectors.GetProperty("variables");
        var reader = new RequirementsReader(v => variables.TryGetProperty(v, out var value) ? value.GetString() : null, _problems.Add);
        var lines = new List<Line?>();
        foreach (var line in reader.Read(_folder.PathOf("main")))
        {
            if (line.IsRequirement)
            {
                lines.Add(Line.Of(line, line.IsEditable ? RequirementParser.Editable(line.Text) : RequirementParser.TryParse(line.Text), _folder));
            }
            else
            {
                indexes.Apply(line);
            }
        }

        return lines;
    }

    private sealed record Line(
        string File, int Number, bool IsConstraint, bool IsEditable, string Name, string Extras, string Versions, bool IsDirect, int Hashes, string Counts)
    {
        public static Line Of(JsonElement e) => new(
            e.GetProperty("file").GetString()!,
            e.GetProperty("line").GetInt32(),
            e.GetProperty("constraint").GetBoolean(),
            e.GetProperty("editable").GetBoolean(),
            PackageName.Normalize(e.GetProperty("name").GetString() ?? ""),
            Join(Strings(e, "extras").Select(PackageName.Normalize)),
            Join(Strings(e, "versions")),
            e.GetProperty("direct").GetBoolean(),
            e.GetProperty("hashes").GetInt32(),
            e.GetProperty("counts").ValueKind switch { JsonValueKind.True => "True", JsonValueKind.False => "False", _ => "" });

        public static Line? Of(RequirementsLine line, Requirement? requirement, RequirementsFolder folder) => requirement is null ? null : new(
            folder.NameOf(line.File),
            line.At().Line,
            line.IsConstraint,
            line.IsEditable,
            requirement.Name,
            Join(requirement.Extras),
            Join(requirement.Versions.Select(v => v.Operator + v.Version)),
            requirement.Artifact is not null,
            line.Options.Named(PipOptions.Hash).Count(),
            requirement.Marker.Length == 0 ? "" : EnvironmentMarker.Evaluate(requirement.Marker, Target)?.ToString() ?? "refused");

        private static string Join(IEnumerable<string> words) => string.Join(" ", words.Order(StringComparer.Ordinal));
    }
}
