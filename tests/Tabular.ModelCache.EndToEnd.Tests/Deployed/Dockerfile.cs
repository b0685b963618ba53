using System.Text.RegularExpressions;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>The instructions of the image's Dockerfile, with the default values of its arguments.</summary>
internal sealed partial class Dockerfile
{
    private readonly List<Instruction> _instructions = [];
    private readonly string[] _ignored;

    private Dockerfile(string path)
    {
        var arguments = new Dictionary<string, string>(StringComparer.Ordinal);
        var stage = "";
        foreach (var line in Join(File.ReadAllLines(path)))
        {
            var (name, rest) = (line.Split(' ')[0], line[line.IndexOf(' ')..].Trim());
            rest = ArgumentPattern().Replace(rest, m => arguments.GetValueOrDefault(m.Groups[1].Value, m.Value));
            if (name == "ARG")
            {
                arguments[rest.Split('=')[0]] = rest[(rest.IndexOf('=') + 1)..];
            }
            else if (name == "FROM")
            {
                stage = rest.Split(' ')[^1];
            }

            _instructions.Add(new Instruction(stage, name, rest));
        }

        _ignored = [.. File.ReadAllLines(path + ".dockerignore").Where(l => l.Length > 0 && l[0] != '#')];
    }

    /// <summary>The sources that the build takes from its context, the root of the repository.</summary>
    public IEnumerable<(string Stage, string[] Sources, string Target)> Copies => _instructions
        .Where(i => i.Name == "COPY" && !i.Arguments.StartsWith("--from", StringComparison.Ordinal))
        .Select(i => (i.Stage, i.Arguments.Split(' ')[..^1], i.Arguments.Split(' ')[^1]));

    public IEnumerable<string> BaseImages => Find("FROM").Select(i => i.Arguments.Split(' ')[0]);

    public static Dockerfile Read() => new(Path.Join(SampleProgram.Sources, "docker", "Dockerfile.tabular"));

    public IEnumerable<Instruction> Find(string name) => _instructions.Where(i => i.Name == name);

    /// <summary>The commands of a stage.</summary>
    public IEnumerable<string> Commands(string stage) => Find("RUN").Where(i => i.Stage == stage).Select(i => i.Arguments);

    /// <summary>The variables of the image.</summary>
    public Dictionary<string, string> Environment() => Find("ENV")
        .Where(i => i.Stage == "tabular")
        .SelectMany(i => i.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(v => v.Split('=')[0], v => v[(v.IndexOf('=') + 1)..], StringComparer.Ordinal);

    /// <summary>Whether the context has a file; the last pattern that fits decides.</summary>
    public bool IsSent(string path)
    {
        var isSent = true;
        foreach (var pattern in _ignored)
        {
            var expression = "^" + Regex.Escape(pattern.TrimStart('!')).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal)
                .Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "(/.*)?$";
            if (Regex.IsMatch(path, expression))
            {
                isSent = pattern[0] == '!';
            }
        }

        return isSent;
    }

    private static IEnumerable<string> Join(IEnumerable<string> lines)
    {
        var joined = "";
        foreach (var line in lines.Where(l => l.Trim().Length > 0 && !l.TrimStart().StartsWith('#')))
        {
            joined += line.TrimEnd('\\').Trim() + " ";
            if (!line.EndsWith('\\'))
            {
                yield return joined.Trim();
                joined = "";
            }
        }
    }

    [GeneratedRegex(@"\$\{([A-Z_]+)\}")]
    private static partial Regex ArgumentPattern();

    /// <summary>One instruction; the first ones, before any stage, have the stage "".</summary>
    internal sealed record Instruction(string Stage, string Name, string Arguments);
}
