namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>The body of <c>POST /api/pull</c>.</summary>
/// <param name="Model">The full name; a registry without TLS by its <c>http://</c>.</param>
/// <param name="Insecure">Whether a registry without TLS may be used.</param>
/// <param name="Stream">Whether progress is told line by line.</param>
internal sealed record OllamaPullRequest(string Model, bool Insecure, bool Stream);
