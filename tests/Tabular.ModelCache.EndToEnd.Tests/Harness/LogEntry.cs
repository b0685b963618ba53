namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>One entry of the console log, as the simple formatter writes it: <c>level: category[event]</c>, then indented lines.</summary>
internal sealed record LogEntry(string Level, string Category, string Message)
{
    private const string Indent = "      ";
    private static readonly string[] Levels = ["trce", "dbug", "info", "warn", "fail", "crit"];

    public bool IsNoise => Level is "fail" or "crit";

    public static IReadOnlyList<LogEntry> Parse(IEnumerable<string> lines)
    {
        var entries = new List<LogEntry>();
        foreach (var line in lines)
        {
            if (Levels.FirstOrDefault(l => line.StartsWith(l + ": ", StringComparison.Ordinal)) is { } level)
            {
                entries.Add(new LogEntry(level, line[(level.Length + 2)..], ""));
            }
            else if (entries.Count > 0 && line.StartsWith(Indent, StringComparison.Ordinal))
            {
                var last = entries[^1];
                entries[^1] = last with { Message = last.Message.Length == 0 ? line[Indent.Length..] : last.Message + "\n" + line[Indent.Length..] };
            }
        }

        return entries;
    }
}
