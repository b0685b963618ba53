using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>
/// What an <c>ollama://[scheme://][host[:port]/][namespace/]model[:tag][@sha256:...]</c> source names, by Ollama's own rules and defaults
/// (types/model/name.go and internal/modelref of Ollama). Upper case is kept.
/// </summary>
internal sealed record OllamaReference(string Scheme, string Host, string Namespace, string Model, string Tag, string? Digest)
{
    public const string DefaultHost = "registry.ollama.ai";

    private const string DefaultNamespace = "library";
    private const string DefaultTag = "latest";
    private const string DigestPrefix = "sha256:";
    private const string CloudMarker = "cloud";
    private const string LocalMarker = "local";

    /// <summary>Gets the name with all its parts, as Ollama's own program takes it.</summary>
    public string FullName => $"{Host}/{Namespace}/{Model}:{Tag}";

    /// <summary>Gets the name as people write it.</summary>
    public string ShortName => Host != DefaultHost ? FullName : Namespace != DefaultNamespace ? $"{Namespace}/{Model}:{Tag}" : $"{Model}:{Tag}";

    /// <summary>Gets the path of the manifest in Ollama's store.</summary>
    public string ManifestPath => $"manifests/{Host}/{Namespace}/{Model}/{Tag}";

    public Uri ManifestUri(string reference) => new($"{Scheme}://{Host}/v2/{Namespace}/{Model}/manifests/{reference}");

    public Uri BlobUri(string hex) => new($"{Scheme}://{Host}/v2/{Namespace}/{Model}/blobs/{DigestPrefix}{hex}");

    /// <exception cref="ModelCacheException">The text breaks a rule; the message names it.</exception>
    public static OllamaReference Parse(string uri)
    {
        var text = ModelSourceUri.RestOf(uri).Trim();
        var scheme = TakeScheme(ref text);
        var digest = TakeDigest(uri, ref text);
        TakeMarker(uri, ref text);
        var tag = TakeTag(ref text) ?? DefaultTag;
        var parts = text.Split('/');
        if (parts.Length > 3)
        {
            throw Invalid(uri, "it has more than the three parts host/namespace/model");
        }

        var model = parts[^1];
        var ns = parts.Length > 1 ? parts[^2] : DefaultNamespace;
        var host = parts.Length > 2 ? parts[0] : DefaultHost;
        Check(uri, "host", host, OllamaNamePart.FindHostProblem(host));
        Check(uri, "namespace", ns, OllamaNamePart.FindProblem(ns, allowDots: false));
        Check(uri, "model", model, OllamaNamePart.FindProblem(model));
        Check(uri, "tag", tag, OllamaNamePart.FindProblem(tag));
        if (!Uri.TryCreate($"https://{host}/", UriKind.Absolute, out var address) || address.HostNameType == UriHostNameType.Unknown)
        {
            throw Invalid(uri, $"its host '{SourceErrors.Printable(host, 100)}' is not the address of a server");
        }

        // Registries on this machine have no certificate as a rule; Docker treats them so too.
        scheme ??= address.IsLoopback ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        return new OllamaReference(scheme, host, ns, model, tag, digest);
    }

    private static string? TakeScheme(ref string text)
    {
        foreach (var scheme in new[] { Uri.UriSchemeHttp, Uri.UriSchemeHttps })
        {
            if (text.StartsWith($"{scheme}://", StringComparison.OrdinalIgnoreCase))
            {
                text = text[(scheme.Length + 3)..];
                return scheme;
            }
        }

        return null;
    }

    private static string? TakeDigest(string uri, ref string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var digest = text[(at + 1)..];
        text = text[..at];
        return digest.StartsWith(DigestPrefix, StringComparison.Ordinal) && Sha256Hex.IsValid(digest[DigestPrefix.Length..])
            ? digest
            : throw Invalid(uri, "after '@' stands no sha256: with 64 lower-case hex digits");
    }

    /// <summary><c>:cloud</c>, <c>-cloud</c> and <c>:local</c> at the end say where a model runs, in any letter case.</summary>
    private static void TakeMarker(string uri, ref string text)
    {
        var colon = text.LastIndexOf(':');
        var marker = colon < 0 ? "" : text[(colon + 1)..];
        if (marker.Equals(CloudMarker, StringComparison.OrdinalIgnoreCase) ||
            (!marker.Contains('/', StringComparison.Ordinal) && marker.EndsWith($"-{CloudMarker}", StringComparison.OrdinalIgnoreCase)))
        {
            throw Invalid(uri, $"'{SourceErrors.Printable(marker, 100)}' marks a model that runs in Ollama's cloud and has no files to pull");
        }

        if (marker.Equals(LocalMarker, StringComparison.OrdinalIgnoreCase))
        {
            text = text[..colon];
        }
    }

    private static string? TakeTag(ref string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0 || colon < text.LastIndexOf('/'))
        {
            return null;
        }

        var tag = text[(colon + 1)..];
        text = text[..colon];
        return tag;
    }

    private static void Check(string uri, string part, string value, string? problem)
    {
        if (problem is not null)
        {
            throw Invalid(uri, $"its {part} '{SourceErrors.Printable(value, 100)}' {problem}");
        }
    }

    private static ModelCacheException Invalid(string uri, string why) => new(
        $"The source '{SourceErrors.Printable(uri)}' cannot be used: {why}; " +
        "expected is ollama://[host[:port]/][namespace/]model[:tag][@sha256:<digest>], for example ollama://llama3.2:1b.");
}
