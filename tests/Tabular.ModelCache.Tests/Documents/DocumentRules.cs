using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Tabular.ModelCache.Tests.Documents;

/// <summary>What every document has to keep; each rule names what does not.</summary>
/// <remarks>
/// Before each block of commands stands <c>&lt;!-- run by: Class.Method --&gt;</c>, with a test or a program of the repository that runs it,
/// or <c>&lt;!-- not run: reason --&gt;</c>. C# code is that of a compiled file, or says <c>&lt;!-- not compiled: reason --&gt;</c>.
/// </remarks>
internal static partial class DocumentRules
{
    private static readonly Lazy<IReadOnlyList<string>> Tests = new(() => [.. Repository.Files(".cs", "tests").Select(File.ReadAllText)]);

    /// <summary>Files and anchors are there; addresses are addresses. Nothing is asked of the network.</summary>
    public static IEnumerable<string> FindBrokenLinks(Document document) =>
        from link in document.Links
        let problem = FindProblem(document, link.Url)
        where problem is not null
        select $"{document.Name}:{link.Line}: the link '{link.Url}' {problem}";

    /// <summary>Commands are marked, and what runs them is there.</summary>
    public static IEnumerable<string> FindUnmarkedCommands(Document document) =>
        from block in document.Blocks
        let problem = block.IsForAShell ? FindMarkerProblem(block.Before)
            : block.Language.Length == 0 && Command().IsMatch(block.Text) ? "has commands; name the language 'bash' or 'console' at its fence"
            : null
        where problem is not null
        select $"{document.Name}:{block.Line}: the block {problem}";

    /// <summary>C# code is that of <see cref="CompiledCode"/>.</summary>
    public static IEnumerable<string> FindUncompiledCode(Document document) =>
        from block in document.Blocks
        where block.Language == "csharp" && !CompiledCode.Contains(block.Text) && !(block.Before is not null && NotCompiled().IsMatch(block.Before))
        select $"{document.Name}:{block.Line}: the code is in no <snippet> of a file below tests/, and is not marked <!-- not compiled: reason -->";

    /// <summary>JSON and YAML can be read.</summary>
    public static IEnumerable<string> FindUnreadableData(Document document) =>
        from block in document.Blocks
        let problem = block.Language switch
        {
            "json" => FindJsonProblem(block.Text),
            "yaml" => FindYamlProblem(block.Text),
            _ => null,
        }
        where problem is not null
        select $"{document.Name}:{block.Line}: {problem}";

    private static string? FindProblem(Document document, string url)
    {
        if (url.Contains(':', StringComparison.Ordinal))
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri is { Scheme: "https" or "http", Host.Length: > 0 } ? null : "is no address";
        }

        var (file, anchor) = url.Split('#') switch
        {
            [var path] => (path, null),
            [var path, var fragment] => (path, fragment),
            _ => (url, null),
        };
        var target = file.Length == 0 ? document.Path : Path.GetFullPath(Path.Join(Path.GetDirectoryName(document.Path), Uri.UnescapeDataString(file)));
        if (!target.StartsWith(Repository.Root + '/', StringComparison.Ordinal))
        {
            return "leads out of the repository";
        }

        if (target != document.Path && !File.Exists(target) && !Directory.Exists(target))
        {
            return "leads to no file";
        }

        return anchor is null || (target == document.Path ? document : Document.Read(target)).Anchors.Contains(anchor) ? null : "leads to no heading";
    }

    private static string? FindMarkerProblem(string? before)
    {
        if (before is null || Marker().Match(before) is not { Success: true } marker)
        {
            return "has no marker before it: <!-- run by: Class.Method --> or <!-- not run: reason -->";
        }

        var runner = marker.Groups["runner"].Value;
        return runner.Length == 0 || Exists(runner) ? null : $"is run by '{runner}', which is neither a test nor a file";
    }

    private static bool Exists(string runner) =>
        File.Exists(Repository.PathOf(runner))
        || (runner.Split('.') is [var type, var method]
            && Tests.Value.Any(source => source.Contains($" class {type}", StringComparison.Ordinal) && source.Contains($" {method}(", StringComparison.Ordinal)));

    private static string? FindJsonProblem(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    private static string? FindYamlProblem(string text)
    {
        try
        {
            new YamlStream().Load(new StringReader(text));
            return null;
        }
        catch (YamlException e)
        {
            return e.Message;
        }
    }

    [GeneratedRegex(@"^<!-- (run by: (?<runner>\S+)|not run: \S.*) -->$", RegexOptions.ExplicitCapture)]
    private static partial Regex Marker();

    [GeneratedRegex(@"^<!-- not compiled: \S.* -->$")]
    private static partial Regex NotCompiled();

    [GeneratedRegex(@"^(\$ |dotnet |curl |gcloud |terraform )", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Command();
}
