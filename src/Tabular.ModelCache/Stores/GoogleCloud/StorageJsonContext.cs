using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The shapes of the JSON API; int64 travels as a string there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ObjectResource))]
[JsonSerializable(typeof(ObjectUploadResource))]
[JsonSerializable(typeof(ObjectComposeResource))]
[JsonSerializable(typeof(ObjectListResource))]
[JsonSerializable(typeof(ObjectPatchResource))]
[JsonSerializable(typeof(RewriteResource))]
[JsonSerializable(typeof(BucketResource))]
[JsonSerializable(typeof(PermissionsResource))]
[JsonSerializable(typeof(ErrorResource))]
internal sealed partial class StorageJsonContext : JsonSerializerContext;
