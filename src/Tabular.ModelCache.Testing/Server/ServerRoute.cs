namespace Tabular.ModelCache.Testing;

/// <summary>Which operation of the API an address and a verb stand for.</summary>
/// <remarks>
/// The path is taken as it was sent: an object's name is one segment in which <c>/</c> is escaped, which a server that unescapes
/// first could not tell from a separator.
/// </remarks>
internal sealed record ServerRoute(string Operation)
{
    public const string Unknown = "unknown";

    public string? Bucket { get; private init; }

    /// <summary>The object; of a move or copy, the source.</summary>
    public string? Object { get; private init; }

    public string? TargetBucket { get; private init; }

    public string? TargetObject { get; private init; }

    /// <summary>Whether the address has the form of the XML API, whose errors are XML.</summary>
    public bool IsXml { get; private init; }

    public static ServerRoute Parse(string method, string path, Func<string, string?> query)
    {
        var raw = path.Split('/', StringSplitOptions.None)[1..];
        string[] parts;
        try
        {
            parts = Array.ConvertAll(raw, Uri.UnescapeDataString);
        }
        catch (UriFormatException)
        {
            return new(Unknown);
        }

        return parts switch
        {
            ["upload", "storage", "v1", "b", var bucket, "o"] => Upload(method, bucket, query),
            ["resumable", "upload", "storage", "v1", "b", var bucket, "o"] => Upload(method, bucket, query),
            ["download", "storage", "v1", "b", var bucket, "o", var name] =>
                new("storage.objects.get.media") { Bucket = bucket, Object = name },
            ["storage", "v1", "b", .. var rest] => Json(method, rest, query),
            ["storage", "v1", ..] or ["upload", ..] or ["download", ..] or ["batch", ..] => new(Unknown),
            [var bucket, .. var rest] when method is "GET" or "HEAD" && rest.Length > 0 && rest[0].Length > 0 =>
                new("storage.objects.get.media") { Bucket = bucket, Object = string.Join('/', rest), IsXml = true },
            _ => new(Unknown),
        };
    }

    private static ServerRoute Upload(string method, string bucket, Func<string, string?> query)
    {
        var name = query("name");
        return (method, query("upload_id") is not null) switch
        {
            ("DELETE", true) => new("storage.objects.insert.cancel") { Bucket = bucket, Object = name },
            ("PUT" or "POST", true) => new("storage.objects.insert.chunk") { Bucket = bucket, Object = name },
            ("POST" or "PUT", false) => new("storage.objects.insert") { Bucket = bucket, Object = name },
            _ => new(Unknown),
        };
    }

    private static ServerRoute Json(string method, string[] parts, Func<string, string?> query) => (method, parts) switch
    {
        ("GET", [] or [""]) => new("storage.buckets.list"),
        ("POST", [] or [""]) => new("storage.buckets.insert"),
        ("GET", [var b]) => new("storage.buckets.get") { Bucket = b },
        ("PATCH" or "PUT", [var b]) => new("storage.buckets.patch") { Bucket = b },
        ("DELETE", [var b]) => new("storage.buckets.delete") { Bucket = b },
        ("GET", [var b, "iam"]) => new("storage.buckets.getIamPolicy") { Bucket = b },
        ("GET", [var b, "iam", "testPermissions"]) => new("storage.buckets.testIamPermissions") { Bucket = b },
        ("GET", [var b, "storageLayout"]) => new("storage.buckets.getStorageLayout") { Bucket = b },
        ("GET", [var b, "managedFolders"]) => new("storage.managedFolders.list") { Bucket = b },
        ("GET", [var b, "o"]) => new("storage.objects.list") { Bucket = b },
        ("GET", [var b, "o", var o]) when query("alt") == "media" => new("storage.objects.get.media") { Bucket = b, Object = o },
        ("GET", [var b, "o", var o]) => new("storage.objects.get") { Bucket = b, Object = o },
        ("PATCH", [var b, "o", var o]) => new("storage.objects.patch") { Bucket = b, Object = o },
        ("PUT", [var b, "o", var o]) => new("storage.objects.update") { Bucket = b, Object = o },
        ("DELETE", [var b, "o", var o]) => new("storage.objects.delete") { Bucket = b, Object = o },
        ("GET", [var b, "o", var o, "iam", "testPermissions"]) => new("storage.objects.testIamPermissions") { Bucket = b, Object = o },
        ("POST", [var b, "o", var o, "compose"]) =>
            new("storage.objects.compose") { Bucket = b, Object = o, TargetBucket = b, TargetObject = o },
        ("POST", [var b, "o", var o, "moveTo", "o", var t]) =>
            new("storage.objects.move") { Bucket = b, Object = o, TargetBucket = b, TargetObject = t },
        ("POST", [var b, "o", var o, "rewriteTo", "b", var tb, "o", var t]) =>
            new("storage.objects.rewrite") { Bucket = b, Object = o, TargetBucket = tb, TargetObject = t },
        ("POST", [var b, "o", var o, "copyTo", "b", var tb, "o", var t]) =>
            new("storage.objects.copy") { Bucket = b, Object = o, TargetBucket = tb, TargetObject = t },
        _ => new(Unknown),
    };
}
