namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Makes rclone use the bucket server.</summary>
internal static class RcloneConfiguration
{
    public const string Remote = "local";

    /// <returns>The variables of its environment: a failure is one, and not tried again.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> CreateAsync(Lab lab, CancellationToken cancellationToken) => new Dictionary<string, string>
    {
        ["RCLONE_CONFIG"] = await WriteAsync(lab, cancellationToken),
        ["RCLONE_RETRIES"] = "1",
        ["RCLONE_LOW_LEVEL_RETRIES"] = "1",
    };

    /// <returns>The path of the file.</returns>
    public static async Task<string> WriteAsync(Lab lab, CancellationToken cancellationToken)
    {
        var bucket = await lab.GetBucketAsync(cancellationToken);
        var path = lab.Path("rclone.conf");
        await File.WriteAllTextAsync(
            path,
            $"""
            [{Remote}]
            type = google cloud storage
            anonymous = true
            endpoint = {bucket.Hello.Endpoint}storage/v1/
            project_number = 123
            no_check_bucket = true
            """,
            cancellationToken);
        return path;
    }
}
