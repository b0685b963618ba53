namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>The bounds of what the <c>ollama</c> program may take.</summary>
internal sealed record OllamaProgramTimings
{
    /// <summary>How long it may take until it answers: it makes its key and looks for devices first.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a pull may say nothing. Progress is told many times a second, but the digest of a large file is computed in silence.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long it may take to end when asked to, and again when killed; both fit into the time that a stopping host has.</summary>
    public TimeSpan Stop { get; init; } = TimeSpan.FromSeconds(3);
}
