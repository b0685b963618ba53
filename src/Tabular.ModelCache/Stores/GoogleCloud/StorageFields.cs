namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The partial responses that are asked for: a listing of a model is a tenth of its full size with them.</summary>
internal static class StorageFields
{
    public const string Object = "name,generation,metageneration,size,crc32c,metadata,contentType,cacheControl,timeCreated,updated";

    public const string List = $"nextPageToken,items({Object})";

    public const string Rewrite = $"done,rewriteToken,resource({Object})";

    public const string Bucket =
        "name,location,locationType,customPlacementConfig,storageClass,versioning,softDeletePolicy,retentionPolicy,defaultEventBasedHold,"
        + "hierarchicalNamespace,billing,iamConfiguration";
}
