using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Documents;

/// <summary>Runs the commands of the README as they are printed, but for ports, folders, and that nothing is built anew.</summary>
internal sealed class DocumentedCommands : IDisposable
{
    /// <summary>
    /// What <c>dotnet run --project</c> does: it starts the program in the folder of its sources (here a copy) with the profile of
    /// launchSettings.json, as this very process, so that signals reach it.
    /// </summary>
    private const string Shell = """
        host=$0 app=$1
        dotnet() {
          [[ $1 == run && $2 == --project ]] || { echo "'dotnet $*' is not run by this test" >&2; exit 64; }
          local project=$3
          shift 3
          [[ ${1:-} != -- ]] || shift
          case $project in
            samples/Tabular) cd "$SOURCES"; ASPNETCORE_ENVIRONMENT=Development exec "$host" "$app" "$@" ;;
            samples/LocalBucket) exec "$host" "$LOCAL_BUCKET" "$@" ;;
            samples/LocalRegistry) exec "$host" "$LOCAL_REGISTRY" "$@" ;;
            *) echo "the project $project is not run by this test" >&2; exit 64 ;;
          esac
        }

        """;

    private readonly TemporaryFolder _folder = new();
    private readonly List<Deployment> _deployments = [];

    public DocumentedCommands()
    {
        foreach (var file in Directory.EnumerateFiles(SampleProgram.Sources, "appsettings*.json")
            .Concat(Directory.EnumerateFiles(Path.Join(SampleProgram.Sources, "demo-models"), "*", SearchOption.AllDirectories)))
        {
            var copy = Path.Join(Sources, Path.GetRelativePath(SampleProgram.Sources, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Stands in for <c>samples/Tabular</c>.</summary>
    public string Sources => _folder.Join("samples", "Tabular");

    /// <summary>The blocks of the README that a test runs, in their order.</summary>
    /// <param name="test">Class and method, as the marker before the block has it.</param>
    public static IReadOnlyList<string> BlocksOf(string test)
    {
        var lines = File.ReadAllLines(Repository.PathOf("README.md"));
        return
        [
            .. Enumerable.Range(0, lines.Length - 1).Where(i => lines[i] == $"<!-- run by: {test} -->" && lines[i + 1] == "```bash")
                .Select(i => string.Join('\n', lines.Skip(i + 2).TakeWhile(line => line != "```"))),
        ];
    }

    /// <summary>Starts a block.</summary>
    /// <param name="block">Its text.</param>
    /// <param name="replacements">Ports, for example. Folders below <c>/tmp</c> are replaced by those of the test.</param>
    public TabularProcess Start(string block, params (string Printed, string Used)[] replacements)
    {
        foreach (var (printed, used) in replacements)
        {
            block.Should().Contain(printed);
            block = block.Replace(printed, used, StringComparison.Ordinal);
        }

        var deployment = new Deployment { Launcher = ["bash", "-c", Shell + block.Replace("/tmp/", _folder.Path + "/", StringComparison.Ordinal)] }
            .With("DOTNET_ENVIRONMENT", null).With("MODEL_CACHE_PATH", null)
            .With("SOURCES", Sources).With("LOCAL_BUCKET", SampleProgram.LocalBucket).With("LOCAL_REGISTRY", SampleProgram.LocalRegistry);
        _deployments.Add(deployment);
        return deployment.Start();
    }

    public string Join(params string[] parts) => _folder.Join(parts);

    public void Dispose()
    {
        _deployments.ForEach(deployment => deployment.Dispose());
        _folder.Dispose();
    }
}
