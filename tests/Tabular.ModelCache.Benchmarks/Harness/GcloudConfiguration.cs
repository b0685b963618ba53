namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Makes gcloud use the bucket server, and nothing else of the machine's.</summary>
internal static class GcloudConfiguration
{
    /// <returns>The variables of its environment.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> CreateAsync(Lab lab, CancellationToken cancellationToken)
    {
        var bucket = await lab.GetBucketAsync(cancellationToken);
        return new Dictionary<string, string>
        {
            ["CLOUDSDK_CONFIG"] = lab.CreateFolder("gcloud"),
            ["CLOUDSDK_CORE_PROJECT"] = "p",
            ["CLOUDSDK_AUTH_DISABLE_CREDENTIALS"] = "true",
            ["CLOUDSDK_CORE_CHECK_GCE_METADATA"] = "false",
            ["CLOUDSDK_CORE_DISABLE_PROMPTS"] = "1",
            ["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"] = $"{bucket.Hello.Endpoint}storage/v1/",
        };
    }
}
