using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Tabular.ModelCache.Tests.Documents;

/// <summary>A Markdown file, read as GitHub reads it.</summary>
internal sealed class Document
{
    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    private readonly MarkdownDocument _syntax;

    public Document(string path, string text)
    {
        Path = path;
        _syntax = Markdown.Parse(text, Pipeline);
    }

    public static IReadOnlyList<Document> All { get; } = [.. Repository.Files(".md").Order(StringComparer.Ordinal).Select(Read)];

    public string Path { get; }

    public string Name => System.IO.Path.GetRelativePath(Repository.Root, Path);

    /// <summary>The targets of links and images, as they are written.</summary>
    public IEnumerable<(string Url, int Line)> Links => _syntax.Descendants<LinkInline>().Select(link => (link.Url ?? "", link.Line + 1));

    /// <summary>The anchors of headings.</summary>
    public IEnumerable<string> Anchors => _syntax.Descendants<HeadingBlock>().Select(heading => heading.GetAttributes().Id ?? "");

    public IEnumerable<DocumentedBlock> Blocks => _syntax.Descendants<CodeBlock>().Select(Describe);

    public static Document Read(string path) => new(path, File.ReadAllText(path));

    private static DocumentedBlock Describe(CodeBlock block)
    {
        var siblings = block.Parent!;
        var before = siblings.IndexOf(block) is > 0 and var index && siblings[index - 1] is HtmlBlock html ? html.Lines.ToString() : null;
        return new((block as FencedCodeBlock)?.Info ?? "", block.Lines.ToString(), before, block.Line + 1);
    }
}
