namespace Tabular.ModelCache;

/// <summary>One wanted model.</summary>
public sealed class ModelOptions
{
    /// <summary>Gets or sets the name by which the app asks for the model; it is part of object names.</summary>
    /// <value>1 to 64 characters: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, starting with a letter or digit. Required.</value>
    public string? Name { get; set; }

    /// <summary>Gets or sets the layout of the files, which is also their folder in the bucket.</summary>
    /// <value><c>ollama</c> or <c>sbert</c>. Inferred from an <c>ollama://</c> or <c>hf://</c> source, otherwise required.</value>
    public string? Kind { get; set; }

    /// <summary>Gets or sets where the model is pulled from.</summary>
    /// <value>
    /// A URI of a registered scheme: <c>hf://org/name</c> or <c>hf://org/name@revision</c>, <c>dir:///absolute/path</c>, or <c>dir://path</c>
    /// below the content root. Required.
    /// </value>
    public string? Source { get; set; }

    /// <summary>Gets or sets the version to serve, whatever is active. It must exist: a pinned version is never pulled.</summary>
    /// <value><c>name-yyyy-mm-dd-digest</c>; the digest may be left out where that is unambiguous. The default is none.</value>
    public string? Version { get; set; }

    /// <summary>Gets or sets the upstream digest or commit to serve, whatever is active. A version of it is pulled when none is kept.</summary>
    /// <value>
    /// As the source states it: <c>sha256:...</c> or a commit. What a source appends to it after a semicolon (<c>;files=...</c>) may be left
    /// out, and then any choice of files is right. The default is none.
    /// </value>
    public string? Digest { get; set; }

    /// <summary>Gets the patterns of the files to take from an <c>hf://</c> source, instead of the default choice for a CPU.</summary>
    /// <value>
    /// As <c>allow_patterns</c> of huggingface_hub: case counts, <c>*</c> also matches <c>/</c>, and a pattern that ends in <c>/</c> takes
    /// the whole folder. Empty by default.
    /// </value>
    public IList<string> AllowPatterns { get; } = [];

    /// <summary>Gets the patterns of the files not to take from an <c>hf://</c> source; they win over <see cref="AllowPatterns"/>.</summary>
    /// <value>As <c>ignore_patterns</c> of huggingface_hub; the default choice is made from what is left. Empty by default.</value>
    public IList<string> IgnorePatterns { get; } = [];
}
