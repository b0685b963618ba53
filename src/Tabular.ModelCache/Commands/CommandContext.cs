using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tabular.ModelCache.Doctor;

namespace Tabular.ModelCache.Commands;

/// <summary>What the commands share: the operations behind them, their common options, and where they print.</summary>
internal sealed class CommandContext(Func<IModelCacheOperations> operations, Func<ModelCacheDoctor> doctor, TextWriter output, TextWriter error)
{
    /// <summary>Gets the operations, made at the first use: help needs none.</summary>
    public IModelCacheOperations Operations => operations();

    public TextWriter Output => output;

    public TextWriter Error => error;

    public ModelCacheDoctor Doctor => doctor();

    public Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON.", Recursive = true };

    public Task TellAsync(string problem) => error.WriteLineAsync($"{ModelCacheCommand.Name}: {problem}");

    public void Print<T>(ParseResult parsed, T report, JsonTypeInfo<T> type, Action<TextWriter, T> text)
    {
        if (parsed.GetValue(Json))
        {
            output.WriteLine(JsonSerializer.Serialize(report, type));
        }
        else
        {
            text(output, report);
        }
    }
}
