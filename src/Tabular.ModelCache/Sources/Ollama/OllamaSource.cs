using System.Net;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>
/// The <c>ollama://</c> source: streams a model from Ollama's registry, or another that speaks Docker's protocol, in the layout of
/// Ollama's store. Nothing is written on this machine, and nothing is asked but GETs: Ollama's registry knows no ping and no list of tags.
/// </summary>
internal sealed class OllamaSource(
    SourceHttpClient http, SourceErrors errors, IOptions<ModelCacheOptions> options, SettingPath path) : IModelSource
{
    public async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default)
    {
        var reference = OllamaReference.Parse(request.Uri);
        var pin = OllamaPin.Find(request, reference);
        var hosts = OllamaHosts.For(reference, options.Value.Sources.AllowedHosts);
        var credential = new RegistryToken(http, reference, hosts, errors);
        var manifest = await FindAsync(reference, pin, hosts, credential, cancellationToken).ConfigureAwait(false);
        return new ModelResolution
        {
            Digest = manifest.Digest,
            Files = ManifestSourceFile.List(
                reference,
                manifest,
                blob => new HttpSourceFile(
                    http,
                    new SourceRequest($"{blob.Path} of {reference.ShortName}", reference.BlobUri(blob.Sha256), hosts)
                    {
                        Credential = credential,
                        Advise = Advise,
                    })
                {
                    Path = blob.Path,
                    Size = blob.Size,
                    Sha256 = blob.Sha256,
                }),
        };
    }

    private async Task<OllamaManifest> FindAsync(
        OllamaReference reference, string? pin, SourceHosts hosts, RegistryToken credential, CancellationToken cancellationToken)
    {
        var tagged = await GetAsync(reference, reference.Tag, mayMiss: pin is not null, hosts, credential, cancellationToken).ConfigureAwait(false);
        if (pin is null || tagged?.Digest == pin)
        {
            return tagged!;
        }

        // Registries of the Docker kind keep a manifest that a tag has left.
        var pinned = await GetAsync(reference, pin, mayMiss: true, hosts, credential, cancellationToken).ConfigureAwait(false);
        return pinned?.Digest == pin ? pinned : throw OllamaPin.Missing(reference, pin, tagged?.Digest);
    }

    private async Task<OllamaManifest?> GetAsync(
        OllamaReference reference, string tagOrDigest, bool mayMiss, SourceHosts hosts, RegistryToken credential, CancellationToken cancellationToken)
    {
        var what = $"the manifest of {reference.ShortName}";
        var request = new SourceRequest(what, reference.ManifestUri(tagOrDigest), hosts)
        {
            Accept = OllamaManifest.MediaType,
            Credential = credential,
            Advise = Advise,
        };
        var document = await http.GetAsync(
            request,
            OllamaManifest.MaxBytes,
            status => mayMiss && status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest,
            cancellationToken).ConfigureAwait(false);
        if (!document.IsSuccess)
        {
            return null;
        }

        if (document.Headers.TryGetValues("Docker-Content-Digest", out var values) && values.FirstOrDefault() is { } announced &&
            announced.StartsWith("sha256:", StringComparison.Ordinal) && !DigestText.Same(announced, Sha256Hex.Of(document.Bytes)))
        {
            throw SourceErrors.New(
                request,
                document.Uri,
                $"was answered with other bytes than announced: expected {SourceErrors.Printable(announced)}, found sha256:{Sha256Hex.Of(document.Bytes)}; " +
                "look at the proxies on the way");
        }

        return OllamaManifest.Parse(document.Bytes, reference.ShortName);
    }

    private string? Advise(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized =>
            "the registry wants a sign-in, which a public model does not need: check the name, or set " +
            $"{path.Key("Sources:OllamaProgram")} to an ollama program that is signed in there",
        HttpStatusCode.NotFound => "there is no such model or tag: check the source of the model, letter by letter",
        HttpStatusCode.PreconditionFailed =>
            $"the registry gives this model only to a newer Ollama: set {path.Key("Sources:OllamaProgram")} to such a program",
        _ => null,
    };
}
