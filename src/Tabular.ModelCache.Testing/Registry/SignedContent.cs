using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tabular.ModelCache.Testing;

/// <summary>Content behind addresses that carry a signature and an end, as object stores hand them out.</summary>
/// <remarks>The form is that of Signature Version 4; the signature itself is a plain HMAC that only this server can check.</remarks>
internal sealed class SignedContent(ModelRegistryServerOptions options)
{
    /// <summary>The scope of addresses that are signed for GET, so that HEAD is refused.</summary>
    public const string GetOnly = "get";

    /// <summary>The scope of addresses that are signed for GET and HEAD.</summary>
    public const string GetAndHead = "any";

    private const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    private readonly ConcurrentDictionary<string, GeneratedFile> _files = new(StringComparer.Ordinal);
    private long _keyNumber;

    /// <summary>Gets or sets where the second port is; <see langword="null"/> signs for the address that the client used.</summary>
    public string? Origin { get; set; }

    /// <summary>Makes every address that was given out until now worthless.</summary>
    public void Expire() => Interlocked.Increment(ref _keyNumber);

    public async Task<string> CreateAddressAsync(RegistryCall call, string scope, GeneratedFile file)
    {
        var sha256 = await file.Content.GetSha256Async().ConfigureAwait(false);
        _files.TryAdd(sha256, file);
        var path = $"/cdn/{scope}/{sha256}";
        var date = options.TimeProvider.GetUtcNow().ToString(DateFormat, CultureInfo.InvariantCulture);
        var expires = ((long)options.SignatureLifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return $"{Origin ?? call.Origin}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires={expires}"
            + $"&X-Amz-SignedHeaders=host&X-Amz-Signature={Sign(path, date, expires)}";
    }

    public string? FindFile(RegistryRoute route) => Find(route)?.Path;

    public RegistryReply Get(RegistryCall call)
    {
        var route = call.Route;
        if (Find(route) is not { } file)
        {
            return Error(404, "NoSuchKey", "The specified key does not exist.");
        }

        if (Origin is not null && call.Header("Authorization") is not null)
        {
            return Error(400, "InvalidArgument", "Only one auth mechanism allowed; the address is signed and there is an Authorization header.");
        }

        var (date, expires) = (route.Query("X-Amz-Date"), route.Query("X-Amz-Expires"));
        var signature = Encoding.ASCII.GetBytes(route.Query("X-Amz-Signature") ?? "");
        if (!CryptographicOperations.FixedTimeEquals(signature, Encoding.ASCII.GetBytes(Sign(route.Path, date ?? "", expires ?? "")))
            || (call.IsHead && route.Path.StartsWith($"/cdn/{GetOnly}/", StringComparison.Ordinal)))
        {
            return Error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.");
        }

        var start = DateTimeOffset.ParseExact(date!, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if (options.TimeProvider.GetUtcNow() - start >= TimeSpan.FromSeconds(long.Parse(expires!, CultureInfo.InvariantCulture)))
        {
            return Error(403, "AccessDenied", "Request has expired");
        }

        return RegistryReply.File(file.Content, route.Path[(route.Path.LastIndexOf('/') + 1)..]);
    }

    private static RegistryReply Error(int status, string code, string message) => RegistryReply.Text(
        status,
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>",
        "application/xml");

    private GeneratedFile? Find(RegistryRoute route) =>
        route.Operation == RegistryRoute.Cdn && _files.TryGetValue(route.Path[(route.Path.LastIndexOf('/') + 1)..], out var file) ? file : null;

    private string Sign(string path, string date, string expires)
    {
        var key = BitConverter.GetBytes(Interlocked.Read(ref _keyNumber));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{path}\n{date}\n{expires}")));
    }
}
