using System.Text;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>
/// The <c>hf://</c> source: a sentence-transformers repository of the Hugging Face Hub, published in the layout of the Hub's cache with
/// plain files: <c>snapshots/&lt;commit&gt;/...</c>, then <c>refs/</c>.
/// </summary>
/// <remarks>
/// No <c>trees/</c>: readers would take the listing of all files for a promise. No <c>blobs/</c> and links: readers only look into
/// <c>snapshots/</c>. <c>refs/main</c> always names the commit, because readers that are given no revision look there.
/// </remarks>
internal sealed class HuggingFaceSource(SourceHttpClient http, IOptions<ModelCacheOptions> options, SettingPath settings) : IModelSource
{
    public const int ModulesLimit = 1 << 20;

    public async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default)
    {
        var key = KeyOf(request.Model);
        var reference = Read(request, key);
        var asked = FindRevision(request, reference, key);
        var repository = Open(reference);
        var commit = await repository.ResolveAsync(asked, cancellationToken).ConfigureAwait(false);
        var files = await repository.ListAsync(commit, cancellationToken).ConfigureAwait(false);

        var patterns = new HubPatterns(request.AllowPatterns, request.IgnorePatterns);
        var selection = new HubSelection(reference.Id, files, patterns, key);
        var modules = await repository.ReadAsync(commit, selection.FindModulesFile(), ModulesLimit, cancellationToken).ConfigureAwait(false);
        var chosen = selection.Choose(HubModule.Parse(reference.Id, modules));

        var snapshot = $"{reference.Folder}/snapshots/{commit}";
        return new ModelResolution
        {
            Digest = commit + patterns.DigestSuffix,
            Files =
            [
                .. chosen.Select(f => repository.Open(commit, f, $"{snapshot}/{f.Path}")),
                .. RefsOf(reference, commit),
            ],
        };
    }

    /// <summary>Readers take the whole content of such a file for the commit: no newline.</summary>
    internal static IEnumerable<HubFile> RefsOf(HubReference reference, string commit)
    {
        var content = Encoding.ASCII.GetBytes(commit);
        if (!reference.IsCommit && reference.Revision != HubReference.MainRevision)
        {
            yield return HubFile.Create($"{reference.Folder}/refs/{reference.Revision}", content);
        }

        yield return HubFile.Create($"{reference.Folder}/refs/{HubReference.MainRevision}", content);
    }

    private static HubReference Read(ModelSourceRequest request, string key)
    {
        if (request.Kind != ModelKinds.Sbert)
        {
            throw new ModelCacheException($"{key}:Kind is '{request.Kind}'; a source of the scheme hf:// is published as {ModelKinds.Sbert}.");
        }

        return HubReference.TryParse(ModelSourceUri.RestOf(request.Uri), out var reference, out var problem)
            ? reference
            : throw new ModelCacheException(
                $"{key}:Source is '{SourceErrors.Printable(request.Uri)}', where {problem}; expected is hf://org/name or hf://org/name@revision.");
    }

    /// <summary>A pin is asked for itself, so that it is found after its branch has moved on.</summary>
    private static string FindRevision(ModelSourceRequest request, HubReference reference, string key)
    {
        if (request.Digest is not { } pin)
        {
            return reference.Revision;
        }

        if (HubCommit.Normalize(pin.Split(';')[0].Trim()) is not { } commit)
        {
            throw new ModelCacheException($"{key}:Digest is '{SourceErrors.Printable(pin)}'; a source of the scheme hf:// is pinned to a commit of 40 hex digits.");
        }

        return !reference.IsCommit || reference.Revision == commit
            ? commit
            : throw new ModelCacheException(
                $"{key}:Digest is '{commit}', but {key}:Source names the commit '{reference.Revision}'; take one of them out.");
    }

    private HubRepository Open(HubReference reference)
    {
        var sources = options.Value.Sources;
        var endpoint = new HubEndpoint(sources.HuggingFaceEndpoint!, sources.AllowedHosts);
        var token = string.IsNullOrEmpty(sources.HuggingFaceToken) ? null : new HubToken(sources.HuggingFaceToken);
        var advice = new HubAdvice(reference, endpoint.Page(reference), token is not null, settings.Key("Sources:HuggingFaceToken"));
        return new HubRepository(http, endpoint, reference, token, advice);
    }

    private string KeyOf(string model)
    {
        var models = options.Value.Models;
        for (var i = 0; i < models.Count; i++)
        {
            if (models[i].Name == model)
            {
                return settings.Key($"Models:{i}");
            }
        }

        return settings.Key("Models");
    }
}
