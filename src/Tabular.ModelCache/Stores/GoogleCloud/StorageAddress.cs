namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The addresses of one bucket in the JSON API, and the names below the store's prefix.</summary>
/// <remarks>
/// <see href="https://cloud.google.com/storage/docs/request-endpoints"/>: an object's name is one segment of the path, so its
/// <c>/</c> is escaped too.
/// </remarks>
internal sealed class StorageAddress(GoogleCloudStoreOptions options)
{
    private readonly string _base = options.Endpoint.BaseUri.AbsoluteUri;
    private readonly string _bucket = Uri.EscapeDataString(options.Bucket);

    public string Bucket => options.Bucket;

    public string Prefix => options.Prefix;

    public string? UserProject => options.UserProject;

    public Uri ForBucket(string suffix, StorageQuery query) => Build($"storage/v1/b/{_bucket}{suffix}", query);

    public Uri ForObject(string name, StorageQuery query) => Build($"storage/v1/b/{_bucket}/o/{Escape(name)}", query);

    public Uri ForMedia(string name, StorageQuery query) => Build($"download/storage/v1/b/{_bucket}/o/{Escape(name)}", query);

    public Uri ForUpload(StorageQuery query) => Build($"upload/storage/v1/b/{_bucket}/o", query);

    public Uri ForMove(string source, string destination, StorageQuery query) =>
        Build($"storage/v1/b/{_bucket}/o/{Escape(source)}/moveTo/o/{Escape(destination)}", query);

    public Uri ForRewrite(string source, string destination, StorageQuery query) =>
        Build($"storage/v1/b/{_bucket}/o/{Escape(source)}/rewriteTo/b/{_bucket}/o/{Escape(destination)}", query);

    public Uri ForCompose(string destination, StorageQuery query) => Build($"storage/v1/b/{_bucket}/o/{Escape(destination)}/compose", query);

    private Uri Build(string path, StorageQuery query) =>
        new(_base + path + query.Add("userProject", options.UserProject).Add("prettyPrint", "false"));

    private string Escape(string name) => Uri.EscapeDataString(options.Prefix + name);
}
