using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>Answers what Ollama asks its registry for: manifests and blobs, and nothing else, not even a ping.</summary>
internal sealed class OllamaHandler(OllamaCatalog catalog, SignedContent signed, ModelRegistryServerOptions options)
{
    public async Task<RegistryReply> GetManifestAsync(RegistryCall call)
    {
        var (name, reference) = (call.Route.Model!, call.Route.Reference!);
        if (!Accepts(call.Header("Accept")))
        {
            return Error("MANIFEST_UNKNOWN", $"the manifest is of type {OllamaModel.ContentType}, which Accept does not name");
        }

        if (await catalog.FindManifestAsync(name, reference).ConfigureAwait(false) is not { } model)
        {
            return catalog.Has(name) ? Error("MANIFEST_UNKNOWN", "manifest unknown") : Error("NAME_UNKNOWN", "repository name not known to registry");
        }

        var (bytes, digest) = await model.GetManifestAsync().ConfigureAwait(false);
        return RegistryReply.Bytes(200, bytes, OllamaModel.ContentType)
            .With("Docker-Content-Digest", digest)
            .With("ETag", $"\"{digest}\"");
    }

    public async Task<RegistryReply> GetBlobAsync(RegistryCall call)
    {
        var digest = call.Route.Reference!;
        if (await catalog.FindBlobAsync(call.Route.Model!, digest).ConfigureAwait(false) is not { } file)
        {
            return Error("BLOB_UNKNOWN", "blob unknown to registry");
        }

        // HEAD tells the size without a redirect: the address behind it is signed for GET.
        var reply = options.Delivery == ContentDelivery.Direct || call.IsHead
            ? RegistryReply.File(file.Content, digest)
            : RegistryReply.Redirect(307, await signed.CreateAddressAsync(call, SignedContent.GetOnly, file).ConfigureAwait(false));
        return reply.With("Docker-Content-Digest", digest);
    }

    private static bool Accepts(string? accept) =>
        string.IsNullOrEmpty(accept)
        || accept.Contains(OllamaModel.ContentType, StringComparison.OrdinalIgnoreCase)
        || accept.Contains("*/*", StringComparison.Ordinal)
        || accept.Contains("application/*", StringComparison.OrdinalIgnoreCase);

    private static RegistryReply Error(string code, string message) => RegistryReply.Json(404, new JsonObject
    {
        ["errors"] = new JsonArray(new JsonObject { ["code"] = code, ["message"] = message }),
    });
}
