namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>What the jobs start: libraries for the <c>dotnet</c> command, or programs that have their runtime with them.</summary>
/// <param name="Sample">The sample app.</param>
/// <param name="Bare">The same app without the library.</param>
/// <param name="Worker">The small program of the tests.</param>
internal sealed record Programs(string Sample, string Bare, string Worker)
{
    public static Command Run(string program, IEnumerable<string> arguments, string folder) => program.EndsWith(".dll", StringComparison.Ordinal)
        ? new Command(BuildOutput.DotNet, [program, .. arguments], folder)
        : new Command(program, [.. arguments], folder);
}
