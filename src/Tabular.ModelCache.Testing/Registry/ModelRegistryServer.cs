namespace Tabular.ModelCache.Testing;

/// <summary>A server on 127.0.0.1 that speaks the protocols of the Ollama registry and of the Hugging Face Hub over generated models.</summary>
/// <remarks>
/// <para>
/// It serves what clients read: manifests and blobs of Ollama models, and models, file lists and files of Hub repositories. Large content is
/// generated while it is sent, so that models of real size need neither memory nor disk, and is delivered by a redirect to a signed address,
/// as the real services do.
/// </para>
/// <para>
/// Ollama's protocol is that of <see href="https://github.com/ollama/ollama/tree/main/server"/>, on top of the distribution protocol
/// <see href="https://distribution.github.io/distribution/spec/api/"/>; the Hub's is that of <see href="https://huggingface.co/docs/hub/api"/>.
/// </para>
/// </remarks>
public sealed class ModelRegistryServer : IAsyncDisposable
{
    private const int ResponseBufferSize = 1024 * 1024;

    private readonly ModelRegistryServerOptions _options;
    private readonly LoopbackHost _host;
    private readonly RegistryDispatcher _dispatcher;

    private ModelRegistryServer(ModelRegistryServerOptions options)
    {
        _options = options;
        _dispatcher = new RegistryDispatcher(options);
        _host = new LoopbackHost(
            options.Delivery == ContentDelivery.RedirectToSecondPort ? [options.Port, 0] : [options.Port],
            limits => limits.MaxResponseBufferSize = ResponseBufferSize,
            _dispatcher.HandleAsync);
    }

    /// <summary>Gets the address, such as <c>http://127.0.0.1:5005/</c>: the value for <c>HF_ENDPOINT</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Gets the address of the second port.</summary>
    /// <value><see langword="null"/> unless <see cref="ContentDelivery.RedirectToSecondPort"/> is set.</value>
    public Uri? ContentEndpoint { get; private set; }

    /// <summary>Starts a server without models.</summary>
    /// <param name="options">How it serves; <see langword="null"/> is the default of each option.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>A server that accepts connections.</returns>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The page size is not above 0.</exception>
    public static async Task<ModelRegistryServer> StartAsync(
        ModelRegistryServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HubPageSize);
        var server = new ModelRegistryServer(options);
        try
        {
            await server._host.StartAsync(cancellationToken).ConfigureAwait(false);
            server.ReadAddresses();
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Adds an Ollama model, or moves its tag to another one; what a tag pointed to before can still be read by its digest.</summary>
    /// <param name="name">Namespace and model, such as <c>library/llama3.2</c>.</param>
    /// <param name="tag">The tag, such as <c>1b</c>.</param>
    /// <param name="model">What the tag points to from now on.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a namespace and a model.</exception>
    public void AddOllamaModel(string name, string tag, OllamaModel model)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        ArgumentNullException.ThrowIfNull(model);
        if (name.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            throw new ArgumentException($"Expected a name such as 'library/llama3.2', found '{name}'.", nameof(name));
        }

        _dispatcher.Models.Add(name, tag, model);
    }

    /// <summary>Adds a repository of the Hub with one commit, to which the branch <c>main</c> points.</summary>
    /// <param name="repository">The repository, such as <c>BAAI/bge-m3</c>.</param>
    /// <param name="files">Its files; their paths differ.</param>
    /// <param name="access">Who may read it.</param>
    /// <returns>The commit, 40 hex digits; the same on every machine.</returns>
    /// <exception cref="ArgumentException">There is such a repository already, or two files have one path.</exception>
    public string AddHubRepository(string repository, IReadOnlyList<GeneratedFile> files, HubAccess access = HubAccess.Public)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(repository);
        ArgumentNullException.ThrowIfNull(files);
        var added = new HubRepository(repository, access);
        var commit = added.Commit(files, "main");
        return _dispatcher.Hub.TryAdd(added)
            ? commit
            : throw new ArgumentException($"There is a repository '{repository}' already; add a commit to it.", nameof(repository));
    }

    /// <summary>Adds a commit to a repository of the Hub and lets a branch or tag point to it.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="files">All files of the new state; their paths differ.</param>
    /// <param name="revision">The branch or tag; made if it is not there.</param>
    /// <returns>The commit, 40 hex digits; another one than before even if no file has changed.</returns>
    /// <exception cref="ArgumentException">There is no such repository, or two files have one path.</exception>
    public string AddHubCommit(string repository, IReadOnlyList<GeneratedFile> files, string revision = "main")
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentException.ThrowIfNullOrWhiteSpace(revision);
        return FindHubRepository(repository).Commit(files, revision);
    }

    /// <summary>Lets a branch or tag of a repository of the Hub point to a commit.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="revision">The branch or tag; made if it is not there.</param>
    /// <param name="commit">A commit of the repository.</param>
    /// <exception cref="ArgumentException">There is no such repository or commit.</exception>
    public void MoveHubRevision(string repository, string revision, string commit)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(revision);
        ArgumentNullException.ThrowIfNull(commit);
        if (!FindHubRepository(repository).Move(revision, commit))
        {
            throw new ArgumentException($"The repository '{repository}' has no commit '{commit}'.", nameof(commit));
        }
    }

    /// <summary>Makes every signed address that was given out until now worthless: it is answered with 403.</summary>
    public void ExpireSignatures() => _dispatcher.Signed.Expire();

    /// <summary>Gets the requests that were answered so far, in the order of their answers. The latest 100 000 are kept.</summary>
    /// <param name="clear">Whether to forget them.</param>
    /// <returns>A snapshot.</returns>
    public IReadOnlyList<ModelRegistryRequestRecord> GetRequests(bool clear = false) => _dispatcher.GetRequests(clear);

    /// <summary>Stops serving; open connections are closed.</summary>
    /// <returns>A task that ends when the port is free.</returns>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private HubRepository FindHubRepository(string repository) =>
        _dispatcher.Hub.Find(repository) ?? throw new ArgumentException($"There is no repository '{repository}'.", nameof(repository));

    private void ReadAddresses()
    {
        var addresses = _host.Addresses;
        Endpoint = addresses[0];
        if (_options.Delivery == ContentDelivery.RedirectToSecondPort)
        {
            ContentEndpoint = addresses[1];
            _dispatcher.Signed.Origin = ContentEndpoint.GetLeftPart(UriPartial.Authority);
            _dispatcher.SecondPort = ContentEndpoint.Port;
        }
    }
}
