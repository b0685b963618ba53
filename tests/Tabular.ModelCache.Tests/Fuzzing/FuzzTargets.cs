namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>All parsers of what comes from outside: from a bucket, a mount, a registry, a settings file.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyDictionary<string, FuzzTarget> All { get; } = new Dictionary<string, FuzzTarget>
    {
        ["manifest"] = BucketTargets.Manifest,
        ["manifest signature"] = BucketTargets.ManifestSignature,
        ["bundle"] = BucketTargets.Bundle,
        ["statement"] = BucketTargets.Statement,
        ["checksum file"] = BucketTargets.Checksums,
        ["staging record"] = BucketTargets.StagingRecord,
        ["receipt"] = BucketTargets.Receipt,
        ["lease"] = BucketTargets.Lease,
        ["listing"] = BucketTargets.Listing,
        ["error of the store"] = BucketTargets.StorageError,
        ["mountinfo"] = SystemTargets.Mounts,
        ["source"] = SystemTargets.Source,
        ["Ollama reference"] = SystemTargets.OllamaSource,
        ["Hub reference"] = SystemTargets.HubSource,
        ["Ollama manifest"] = RegistryTargets.Manifest,
        ["challenge"] = RegistryTargets.Challenge,
        ["token"] = RegistryTargets.Token,
        ["Hub tree"] = RegistryTargets.HubTree,
        ["Hub revision"] = RegistryTargets.HubRevision,
        ["Hub modules"] = RegistryTargets.HubModules,
        ["Hub link"] = RegistryTargets.HubLink,
    };
}
