using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>The metadata of an upload, a patch or a copy, as a client sends it.</summary>
internal sealed class UploadMetadata(JsonObject json)
{
    public string? Name => Text("name");

    public string? Crc32C => Text("crc32c");

    public string? Md5Hash => Text("md5Hash");

    public string? ContentType => Text("contentType");

    public bool IsEmpty => json.Count == 0;

    public bool Has(string key) => json.ContainsKey(key);

    public string? Text(string key) => json[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>The custom metadata; a value of <see langword="null"/> removes its key.</summary>
    /// <exception cref="FormatException">It is not an object of strings.</exception>
    public Dictionary<string, string?> Custom()
    {
        var custom = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (json["metadata"] is null)
        {
            return custom;
        }

        var entries = json["metadata"] as JsonObject ?? throw new FormatException("metadata must be an object of strings.");
        foreach (var (key, value) in entries)
        {
            custom[key] = value is null
                ? null
                : value is JsonValue single && single.TryGetValue<string>(out var text)
                    ? text
                    : throw new FormatException($"The value of the metadata key '{key}' must be a string.");
        }

        return custom;
    }

    public ObjectWriteOptions ToWriteOptions(ObjectPreconditions conditions, string? contentType) => new()
    {
        Preconditions = conditions,
        ContentType = ContentType ?? contentType,
        CacheControl = Text("cacheControl"),
        StorageClass = Text("storageClass"),
        Metadata = Custom().Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal),
    };

    /// <summary>Takes what was sent over what was there.</summary>
    public ObjectExtras Over(ObjectExtras extras) => extras with
    {
        StorageClass = Take("storageClass", extras.StorageClass),
        ContentType = Take("contentType", extras.ContentType),
        CacheControl = Take("cacheControl", extras.CacheControl),
        ContentEncoding = Take("contentEncoding", extras.ContentEncoding),
        ContentDisposition = Take("contentDisposition", extras.ContentDisposition),
        ContentLanguage = Take("contentLanguage", extras.ContentLanguage),
        CustomTime = Take("customTime", extras.CustomTime),
    };

    private string? Take(string key, string? present) => Has(key) ? Text(key) : present;
}
