namespace Tabular.ModelCache.Doctor;

/// <summary>The region that Cloud Run runs this process in.</summary>
internal static class CloudRegion
{
    /// <summary>Says the region where no metadata server does.</summary>
    public const string Variable = "GOOGLE_CLOUD_REGION";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Asks the metadata server of Cloud Run (<see href="https://cloud.google.com/run/docs/container-contract#metadata-server"/>).</summary>
    /// <returns>The region in lower case; <see langword="null"/> when it is not known.</returns>
    public static async Task<string?> ReadAsync(Func<string, string?> variable, CancellationToken cancellationToken)
    {
        if (variable(Variable) is { } region)
        {
            return region.ToLowerInvariant();
        }

        // Elsewhere the name does not resolve, or resolves after a long while.
        if (variable("K_SERVICE") is null && variable("CLOUD_RUN_JOB") is null)
        {
            return null;
        }

        using var client = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = 4096 };
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"http://{variable("GCE_METADATA_HOST") ?? "metadata.google.internal"}/computeMetadata/v1/instance/region");
        request.Headers.Add("Metadata-Flavor", "Google");
        try
        {
            using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);

            // projects/NUMBER/regions/REGION
            return text.Trim().Split('/')[^1].ToLowerInvariant();
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not known is told as such by the check.
            return null;
        }
    }
}
