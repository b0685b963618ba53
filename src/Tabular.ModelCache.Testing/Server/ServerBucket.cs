using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>One bucket: its store, what the API keeps besides, and the JSON of its objects.</summary>
internal sealed class ServerBucket(string name, IObjectStore store, CloudStorageServerOptions options)
{
    private readonly ConcurrentDictionary<string, ObjectExtras> _extras = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _mutations = new(StringComparer.Ordinal);

    public string Name => name;

    public IObjectStore Store => store;

    public DateTimeOffset Created { get; } = options.TimeProvider.GetUtcNow();

    public ObjectExtras Extras(StoredObject version) =>
        _extras.TryGetValue(version.Name, out var extras) && extras.Generation == version.Generation ? extras : new(version.Generation);

    public void Keep(string objectName, ObjectExtras extras) => _extras[objectName] = extras;

    public void Forget(string objectName) => _extras.TryRemove(objectName, out _);

    /// <summary>Answers 429 to a second change within a second; counts the change otherwise.</summary>
    public ServerReply? CheckRate(string objectName)
    {
        if (!options.LimitMutationRate)
        {
            return null;
        }

        var now = options.TimeProvider.GetTimestamp();
        var last = _mutations.GetOrAdd(objectName, long.MinValue);
        if (last != long.MinValue && options.TimeProvider.GetElapsedTime(last, now) < TimeSpan.FromSeconds(1))
        {
            return ServerErrors.TooManyMutations(name, objectName);
        }

        _mutations[objectName] = now;
        return null;
    }

    /// <summary>The bucket itself, with the settings that the options give it.</summary>
    public JsonObject Describe(string origin)
    {
        var json = new JsonObject
        {
            ["kind"] = "storage#bucket",
            ["id"] = name,
            ["selfLink"] = $"{origin}/storage/v1/b/{name}",
            ["name"] = name,
            ["projectNumber"] = "123",
            ["metageneration"] = "1",
            ["generation"] = "1",
            ["location"] = "US",
            ["locationType"] = "multi-region",
            ["storageClass"] = "STANDARD",
            ["etag"] = "CAE=",
            ["timeCreated"] = Time(Created),
            ["updated"] = Time(Created),
            ["softDeletePolicy"] = new JsonObject { ["retentionDurationSeconds"] = "0" },
            ["iamConfiguration"] = new JsonObject { ["uniformBucketLevelAccess"] = new JsonObject { ["enabled"] = true } },
        };
        foreach (var (member, value) in options.BucketSettings?.Invoke(name) ?? [])
        {
            json[member] = value?.DeepClone();
        }

        return json;
    }

    public JsonObject Describe(StoredObject version, string origin)
    {
        var extras = Extras(version);
        var escaped = Uri.EscapeDataString(version.Name);
        var link = $"{origin}/storage/v1/b/{name}/o/{escaped}";
        var json = new JsonObject
        {
            ["kind"] = "storage#object",
            ["id"] = $"{name}/{version.Name}/{version.Generation}",
            ["selfLink"] = link,
            ["mediaLink"] = $"{origin}/download/storage/v1/b/{name}/o/{escaped}?generation={version.Generation}&alt=media",
            ["name"] = version.Name,
            ["bucket"] = name,
            ["generation"] = Text(version.Generation),
            ["metageneration"] = Text(version.Metageneration),
            ["storageClass"] = extras.StorageClass ?? "STANDARD",
            ["size"] = Text(version.Size),
            ["crc32c"] = ServerHash.Format(version.Crc32C),
            ["etag"] = Etag(version),
            ["timeCreated"] = Time(version.Created),
            ["updated"] = Time(version.Updated),
            ["timeStorageClassUpdated"] = Time(version.Created),
            ["timeFinalized"] = Time(version.Created),
        };
        Add("contentType", extras.ContentType ?? version.ContentType);
        Add("cacheControl", extras.CacheControl ?? version.CacheControl);
        Add("md5Hash", extras.Md5Hash);
        Add("contentEncoding", extras.ContentEncoding);
        Add("contentDisposition", extras.ContentDisposition);
        Add("contentLanguage", extras.ContentLanguage);
        Add("customTime", extras.CustomTime);
        if (extras.ComponentCount is { } count)
        {
            json["componentCount"] = count;
        }

        if (version.Metadata.Count > 0)
        {
            json["metadata"] = new JsonObject(version.Metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        return json;

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                json[key] = value;
            }
        }
    }

    /// <summary>A tag that changes with the content and with the metadata.</summary>
    public static string Etag(StoredObject version)
    {
        Span<byte> bytes = stackalloc byte[22];
        bytes[0] = 0x08;
        var length = 1 + WriteVarint(bytes[1..], (ulong)version.Generation);
        bytes[length++] = 0x10;
        length += WriteVarint(bytes[length..], (ulong)version.Metageneration);
        return Convert.ToBase64String(bytes[..length]);
    }

    private static int WriteVarint(Span<byte> target, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[length++] = (byte)(value | 0x80);
        }

        target[length++] = (byte)value;
        return length;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
