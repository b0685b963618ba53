using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Recordings;

/// <summary>What a <see cref="Recorder"/> wrote.</summary>
/// <param name="Total">The costs of the whole run.</param>
/// <param name="Spans">The spans that ended, in that order.</param>
internal sealed record Recording(RecordedCosts Total, IReadOnlyList<RecordedSpan> Spans)
{
    /// <summary>Makes a program record itself.</summary>
    public static Command Of(Command command, string path) => command with
    {
        Environment = new Dictionary<string, string>(command.Environment)
        {
            ["DOTNET_STARTUP_HOOKS"] = BuildOutput.OwnProgram,
            [Recorder.PathVariable] = path,
        },
    };

    /// <exception cref="BenchmarkException">The program did not write it.</exception>
    public static async Task<Recording> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new BenchmarkException($"A program should write {path} at its end, but did not.");
        }

        return JsonSerializer.Deserialize<Recording>(await File.ReadAllTextAsync(path, cancellationToken))!;
    }

    public IReadOnlyList<RecordedSpan> Named(string name) => [.. Spans.Where(span => span.Name == name)];
}
