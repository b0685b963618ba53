using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>The addresses of the Hub, or of a mirror of it, which may have a path of its own before them.</summary>
internal sealed class HubEndpoint
{
    private const string OfficialHost = "huggingface.co";

    /// <summary>Its content networks; the names below these domains change.</summary>
    private static readonly string[] OfficialContentHosts = ["*.huggingface.co", "*.hf.co", "huggingface.co", "hf.co"];

    private readonly Uri _base;
    private readonly string _prefix;

    public HubEndpoint(string address, IEnumerable<string> allowedHosts)
    {
        _base = new Uri(address, UriKind.Absolute);
        _prefix = _base.GetLeftPart(UriPartial.Path).TrimEnd('/');
        Hosts = new SourceHosts(_base.IdnHost, _base.IdnHost == OfficialHost ? [.. OfficialContentHosts, .. allowedHosts] : allowedHosts);
    }

    public SourceHosts Hosts { get; }

    public string Page(HubReference reference) => $"{_prefix}/{reference.Id}";

    public Uri Revision(HubReference reference, string revision) =>
        new($"{_prefix}/api/models/{reference.Id}/revision/{Uri.EscapeDataString(revision)}");

    public Uri Tree(HubReference reference, string commit) =>
        new($"{_prefix}/api/models/{reference.Id}/tree/{commit}?recursive=True&expand=False");

    /// <summary>
    /// The next page of a listing. Of the link only the query is taken: a mirror passes on links that name the Hub.
    /// </summary>
    /// <returns><see langword="null"/> when the link leads elsewhere.</returns>
    public Uri? NextPage(Uri page, string link) =>
        Uri.TryCreate(page, link, out var next) && (SourceOrigin.Same(next, _base) || SourceOrigin.HostOf(next) == OfficialHost) && next.Query.Length > 1
            ? new UriBuilder(page) { Query = next.Query }.Uri
            : null;

    public Uri File(HubReference reference, string commit, string path) =>
        new($"{_prefix}/{reference.Id}/resolve/{commit}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");
}
