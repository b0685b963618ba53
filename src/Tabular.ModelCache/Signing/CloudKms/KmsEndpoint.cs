namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>Where Cloud KMS is served: Google, one of its regions, or a server on this machine that stands in for it.</summary>
/// <param name="BaseUri">Scheme and authority, and nothing after it.</param>
/// <param name="IsLocal">Whether it is plain HTTP on this machine, where requests carry no credential.</param>
internal sealed record KmsEndpoint(Uri BaseUri, bool IsLocal)
{
    private const string Default = "https://cloudkms.googleapis.com";

    /// <summary>Reads the value of the setting; nothing is Google's global endpoint.</summary>
    /// <exception cref="FormatException">It is no such address; the message is to be read after the origin.</exception>
    public static KmsEndpoint Parse(string? value)
    {
        if (Uri.TryCreate(string.IsNullOrWhiteSpace(value) ? Default : value, UriKind.Absolute, out var uri)
            && uri is { PathAndQuery: "/", Fragment: "", UserInfo: "", Host.Length: > 0 }
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
        {
            return new KmsEndpoint(uri, uri.Scheme == Uri.UriSchemeHttp);
        }

        throw new FormatException(
            $"is '{StrictElement.Printable(value!)}'; expected is an address such as {Default}, or http:// with a port of this machine for a server in tests");
    }
}
