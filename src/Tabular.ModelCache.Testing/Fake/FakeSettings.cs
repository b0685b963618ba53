using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Testing;

/// <summary>Changes of the app's settings only what cannot hold for generated content: where it lies, who signed it, its digest.</summary>
internal sealed class FakeSettings(FakeFolder folder) : IPostConfigureOptions<ModelCacheOptions>
{
    private const int DigestPart = 13; // "-" and 12 hex digits

    public void PostConfigure(string? name, ModelCacheOptions options)
    {
        options.MountPath = folder.Path;
        options.Signing.TrustedKeys.Clear();
        options.Signing.PrivateKey = null;
        options.Signing.KmsKey = null;
        options.Signing.KmsEndpoint = null;
        options.Signing.MinimumSequence = 0;
        options.Signing.Policy = null;
        foreach (var model in options.Models)
        {
            if (model is { Version: { } version, Name: { } owner } && VersionName.IsComplete(version, owner))
            {
                model.Version = version[..^DigestPart];
            }
        }
    }
}
