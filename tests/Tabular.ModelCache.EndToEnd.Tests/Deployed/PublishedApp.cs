using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>The app as the Dockerfile publishes it: its own commands, run on a copy of what it copies and nothing else.</summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private const string Stage = "publish";
    private const string Output = "/app";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);

    private readonly TemporaryFolder _folder = new();

    /// <summary>The path of <c>Tabular.dll</c>.</summary>
    public string Program => _folder.Join("app", "Tabular.dll");

    /// <summary>Its working directory in the image.</summary>
    public string Folder => _folder.Join("app");

    public async ValueTask InitializeAsync()
    {
        var dockerfile = Dockerfile.Read();
        foreach (var (_, sources, target) in dockerfile.Copies.Where(c => c.Stage == Stage))
        {
            foreach (var source in sources)
            {
                Copy(dockerfile, source.TrimEnd('/'), _folder.Join("src", target, File.Exists(Repository.PathOf(source)) ? Path.GetFileName(source) : ""));
            }
        }

        foreach (var command in dockerfile.Commands(Stage))
        {
            // No server of the build outlives its command.
            var script = "export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false; " + command.Replace(Output, Folder, StringComparison.Ordinal);
            var result = await Tool.RunAsync("sh", ["-c", script], _folder.Join("src"), Deadline);
            result.ExitCode.Should().Be(0, $"{command}: {result.Output}{result.Error}");
        }

        File.Exists(Program).Should().BeTrue();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }


    private static void Copy(Dockerfile dockerfile, string source, string target)
    {
        var from = Repository.PathOf(source);
        if (File.Exists(from))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(from, target);
            return;
        }

        foreach (var entry in Directory.EnumerateFileSystemEntries(from))
        {
            var name = Path.GetFileName(entry);
            if (dockerfile.IsSent($"{source}/{name}"))
            {
                Copy(dockerfile, $"{source}/{name}", Path.Join(target, name));
            }
        }
    }
}
