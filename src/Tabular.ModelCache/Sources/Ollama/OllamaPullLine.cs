namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>A line of the answer to <c>POST /api/pull</c>: a status, or the error that ends it.</summary>
internal sealed record OllamaPullLine
{
    public string? Status { get; init; }

    public string? Error { get; init; }
}
