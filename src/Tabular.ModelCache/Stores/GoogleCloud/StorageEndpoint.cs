namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Where the JSON API is served: Google, or a server that stands in for it.</summary>
/// <param name="BaseUri">Scheme and authority, and nothing after it; uploads and downloads go to the same host.</param>
/// <param name="IsEmulator">Whether requests carry no credential.</param>
internal sealed record StorageEndpoint(Uri BaseUri, bool IsEmulator)
{
    /// <summary>The variable that Google's own client libraries read for a server that stands in for Cloud Storage.</summary>
    public const string EmulatorVariable = "STORAGE_EMULATOR_HOST";

    public static StorageEndpoint Google { get; } = new(new Uri("https://storage.googleapis.com/"), IsEmulator: false);

    /// <summary>The endpoint that the environment names, or Google's.</summary>
    /// <exception cref="FormatException">The variable is neither <c>host:port</c> nor an http(s) URL.</exception>
    public static StorageEndpoint FromEnvironment() => Parse(Environment.GetEnvironmentVariable(EmulatorVariable));

    /// <summary>Reads the value of <see cref="EmulatorVariable"/>; <c>http</c> is assumed where it has no scheme.</summary>
    public static StorageEndpoint Parse(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return Google;
        }

        var text = value.Contains("://", StringComparison.Ordinal) ? value : "http://" + value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https"
            && uri.Host.Length > 0)
        {
            return new(new Uri(uri.GetLeftPart(UriPartial.Authority) + "/"), IsEmulator: true);
        }

        throw new FormatException(
            $"{EmulatorVariable} must be host:port or an http(s) URL, but is '{value}'. Correct it, or remove it to use Google Cloud Storage.");
    }
}
