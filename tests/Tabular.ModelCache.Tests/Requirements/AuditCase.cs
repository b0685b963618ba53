namespace Tabular.ModelCache.Tests.Requirements;

/// <summary>One case of <c>audit-cases.txt</c>.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Verdict">What the audit says: <c>ok</c>, or for each finding <c>rule@line</c> or <c>rule@file:line</c>.</param>
/// <param name="Files">The files, by name.</param>
internal sealed record AuditCase(string Name, string Verdict, IReadOnlyDictionary<string, string> Files)
{
    public const string Main = "main.txt";

    private const string CaseMark = "\n=== ";
    private const string FileMark = "\n--- ";

    public static IReadOnlyDictionary<string, AuditCase> All { get; } =
        Resource.Text("audit-cases.txt").Split(CaseMark).Skip(1).Select(Parse).ToDictionary(c => c.Name);

    private static AuditCase Parse(string text)
    {
        var (head, body) = SplitLine(text + "\n");
        var parts = ("\n" + body).Split(FileMark);
        var files = parts.Skip(1).Select(SplitLine).Prepend((Main, parts[0][1..])).ToDictionary(f => f.Item1, f => f.Item2);
        return new AuditCase(head.Split(" | ")[0], head.Split(" | ")[1], files);
    }

    private static (string Head, string Body) SplitLine(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return (text[..end], text[(end + 1)..]);
    }
}
