using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>What the Hub's interface tells of one repository. Every answer is bounded.</summary>
internal sealed partial class HubRepository(SourceHttpClient http, HubEndpoint endpoint, HubReference reference, HubToken? token, HubAdvice advice)
{
    public const int RevisionLimit = 16 << 20; // It also lists all files and the whole card.
    public const int PageLimit = 8 << 20;      // A page has at most 1000 entries.
    private const int MostPages = 1000;

    /// <summary>Finds the commit of a branch, a tag or a commit.</summary>
    public async Task<string> ResolveAsync(string revision, CancellationToken cancellationToken)
    {
        var request = Request($"the revision '{revision}' of the Hugging Face repository '{reference.Id}'", endpoint.Revision(reference, revision));
        var document = await http.GetAsync(request, RevisionLimit, cancellationToken).ConfigureAwait(false);
        string? sha;
        try
        {
            sha = HubJson.ParseRevision(document.Bytes)?.Sha;
        }
        catch (JsonException e)
        {
            throw SourceErrors.New(request, document.Uri, $"was answered with something else than the Hub promises: {SourceErrors.Printable(e.Message).TrimEnd('.')}", e);
        }

        if (!HubCommit.IsValid(sha) || (HubCommit.IsValid(revision) && sha != revision))
        {
            throw SourceErrors.New(
                request,
                document.Uri,
                $"was answered with the commit '{SourceErrors.Printable(sha ?? "")}'; expected " +
                (HubCommit.IsValid(revision) ? "the commit that was asked for" : "40 lower-case hex digits") + "; check the address of the Hub");
        }

        return sha!;
    }

    /// <summary>Lists all files.</summary>
    public async Task<IReadOnlyList<HubEntry>> ListAsync(string commit, CancellationToken cancellationToken)
    {
        var tree = new HubTree(reference.Id);
        var request = Request($"the listing of the Hugging Face repository '{reference.Id}'", endpoint.Tree(reference, commit));
        for (var pages = 1; ; pages++)
        {
            var document = await http.GetAsync(request, PageLimit, cancellationToken).ConfigureAwait(false);
            tree.Add(document.Bytes);
            if (FindNext(document.Headers) is not { } link)
            {
                return tree.Files;
            }

            if (endpoint.NextPage(request.Uri, link) is not { } next)
            {
                throw SourceErrors.New(request, document.Uri, $"names '{SourceErrors.Printable(link.Split('?')[0])}' for its next page, which is not at that host; check the address of the Hub");
            }

            if (pages == MostPages)
            {
                throw SourceErrors.New(request, document.Uri, $"has more than {MostPages} pages; a model has fewer");
            }

            request = request with { Uri = next };
        }
    }

    /// <summary>Reads a small file whole, and proves it.</summary>
    public async Task<byte[]> ReadAsync(string commit, HubEntry entry, int limit, CancellationToken cancellationToken)
    {
        var request = FileRequest(commit, entry);
        var document = await http.GetAsync(request, limit, cancellationToken).ConfigureAwait(false);
        return FindProblem(entry, document.Bytes) is { } problem
            ? throw SourceErrors.New(request, document.Uri, $"was answered with other bytes than the listing promises: {problem}; try again later")
            : document.Bytes;
    }

    /// <summary>A file that is read later, below another path.</summary>
    public HttpSourceFile Open(string commit, HubEntry entry, string path) => new(http, FileRequest(commit, entry))
    {
        Path = path,
        Size = entry.Size,
        Sha256 = entry.Sha256,
        Proof = entry.Sha256 is null ? () => new GitBlobProof(entry.BlobId, entry.Size) : null,
    };

    private static string? FindProblem(HubEntry entry, byte[] bytes)
    {
        if (bytes.Length != entry.Size)
        {
            return $"expected {entry.Size} bytes, found {bytes.Length}";
        }

        if (entry.Sha256 is { } expected)
        {
            var found = Sha256Hex.Of(bytes);
            return found == expected ? null : $"expected sha256 {expected}, found {found}";
        }

        using var proof = new GitBlobProof(entry.BlobId, entry.Size);
        proof.Append(bytes);
        return proof.FindProblem();
    }

    /// <summary>The link of RFC 8288 with <c>rel="next"</c>.</summary>
    public static string? FindNext(HttpResponseHeaders headers) => headers.TryGetValues("Link", out var values)
        ? Link().Matches(string.Join(", ", values)).FirstOrDefault(m => NextRelation().IsMatch(m.Groups[2].Value))?.Groups[1].Value
        : null;

    [GeneratedRegex("<([^>]*)>([^<]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex("""; *rel *= *("next"|next *(;|,|\z))""", RegexOptions.CultureInvariant)]
    private static partial Regex NextRelation();

    private SourceRequest FileRequest(string commit, HubEntry entry) =>
        Request($"'{entry.Path}' of the Hugging Face repository '{reference.Id}'", endpoint.File(reference, commit, entry.Path));

    private SourceRequest Request(string what, Uri uri) => new(what, uri, endpoint.Hosts) { Credential = token, Advise = advice.For };
}
