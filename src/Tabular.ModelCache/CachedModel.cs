namespace Tabular.ModelCache;

/// <summary>A verified model, ready to be read.</summary>
public sealed class CachedModel
{
    internal CachedModel(string name, string kind, string version, string path, long bytes, CacheOutcome outcome, bool cacheHit)
    {
        Name = name;
        Kind = kind;
        Version = version;
        Path = path;
        Bytes = bytes;
        Outcome = outcome;
        CacheHit = cacheHit;
        Environment = ModelEnvironment.For(kind, path);
    }

    /// <summary>Gets the configured name.</summary>
    public string Name { get; }

    /// <summary>Gets the kind: <see cref="ModelKinds.Ollama"/> or <see cref="ModelKinds.Sbert"/>.</summary>
    public string Kind { get; }

    /// <summary>Gets the version: <c>name-yyyy-mm-dd-digest</c>. The same name always means the same bytes.</summary>
    public string Version { get; }

    /// <summary>Gets the full path of the folder of this version, below the mount.</summary>
    public string Path { get; }

    /// <summary>Gets the size of the model's files.</summary>
    /// <value>In bytes.</value>
    public long Bytes { get; }

    /// <summary>Gets how this instance came by the model when it started.</summary>
    /// <value>
    /// Following an update leaves it as it is; only <see cref="CacheOutcome.Fallback"/> becomes <see cref="CacheOutcome.Waited"/> when the
    /// wanted version is served at last.
    /// </value>
    public CacheOutcome Outcome { get; }

    /// <summary>Gets whether this instance read nothing from the model's source.</summary>
    /// <value>
    /// Also false when a pull failed on the way and an older version is served instead: that was a download as well. Following an update
    /// pulls nothing and leaves it as it is.
    /// </value>
    public bool CacheHit { get; }

    /// <summary>
    /// Gets the environment variables that make a child process read this version, and never write or download:
    /// <c>OLLAMA_MODELS</c> and <c>OLLAMA_NOPRUNE</c>, or <c>HF_HUB_CACHE</c>, <c>HUGGINGFACE_HUB_CACHE</c>,
    /// <c>SENTENCE_TRANSFORMERS_HOME</c>, <c>HF_HUB_OFFLINE</c> and <c>TRANSFORMERS_OFFLINE</c>.
    /// </summary>
    /// <remarks>Each model has a folder of its own, so two models of one kind need two processes, or two environments.</remarks>
    public IReadOnlyDictionary<string, string> Environment { get; }
}
