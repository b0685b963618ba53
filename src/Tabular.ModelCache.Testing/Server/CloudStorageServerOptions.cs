using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>How a <see cref="CloudStorageServer"/> serves, and what it does wrong on purpose.</summary>
public sealed record CloudStorageServerOptions
{
    /// <summary>Gets the TCP port on 127.0.0.1.</summary>
    /// <value>The default is 0: any free port.</value>
    public int Port { get; init; }

    /// <summary>Gets what makes the store behind a bucket; called once for each.</summary>
    /// <value>The default is <see langword="null"/>: every bucket is an <see cref="InMemoryObjectStore"/>.</value>
    public Func<string, IObjectStore>? CreateStore { get; init; }

    /// <summary>Gets the buckets that exist besides those that are created through the API.</summary>
    /// <value>The default is <see langword="null"/>: a bucket exists as soon as it is named.</value>
    public IReadOnlyCollection<string>? Buckets { get; init; }

    /// <summary>Gets the clock, for dates, rate limits, latencies and the expiry of upload sessions.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets what is asked, for each request before it is served, for a fault; it may be called concurrently.</summary>
    /// <value>The default is <see langword="null"/>: no fault.</value>
    public Func<CloudStorageRequest, CloudStorageFault?>? Fault { get; init; }

    /// <summary>Gets what runs right after a change took effect and right before its answer is sent.</summary>
    /// <value>The default is <see langword="null"/>: nothing.</value>
    public Func<CloudStorageRequest, Task>? OnMutation { get; init; }

    /// <summary>
    /// Gets what runs right after the answer to a change was sent, and before the next request of the same connection; not when a fault
    /// kept the answer back.
    /// </summary>
    /// <value>The default is <see langword="null"/>: nothing.</value>
    public Func<CloudStorageRequest, Task>? OnMutationAnswered { get; init; }

    /// <summary>Gets what is called with each entry of the request log.</summary>
    public Action<CloudStorageRequestRecord>? OnRequest { get; init; }

    /// <summary>Gets which permissions <c>testIamPermissions</c> grants.</summary>
    /// <value>The default is <see langword="null"/>: all.</value>
    public Func<string, bool>? HasPermission { get; init; }

    /// <summary>Gets the settings of a bucket, by its name: members of the Buckets resource of the JSON API, such as <c>versioning</c>.</summary>
    /// <value>
    /// The default is <see langword="null"/>, and so is an answer for a bucket without settings of its own. They are added to what the
    /// server answers by itself and win over it; the server shows them and does not act on them. Called for each request that describes
    /// a bucket, possibly concurrently.
    /// </value>
    public Func<string, JsonObject?>? BucketSettings { get; init; }

    /// <summary>Gets whether an object may be changed only once a second, as in Cloud Storage; a faster change is answered with 429.</summary>
    public bool LimitMutationRate { get; init; }

    /// <summary>Gets how long a resumable upload may rest.</summary>
    /// <value>The default is one week, as in Cloud Storage.</value>
    public TimeSpan UploadSessionLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Gets whether the server moves objects; a bucket that refuses it answers 400.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool SupportsMove { get; init; } = true;

    /// <summary>Gets how many bytes one call of a rewrite copies at the most, so that a large object takes several calls.</summary>
    /// <value>The default is <see langword="null"/>: everything, unless the request sets a limit.</value>
    public long? MaximumBytesPerRewriteCall { get; init; }

    /// <summary>Gets what finds the buckets that were there before the server; they are listed even if nobody has named them yet.</summary>
    internal Func<IEnumerable<string>>? FindBuckets { get; init; }

    /// <summary>Makes each bucket the folder of its name below a directory, and each object a plain file at its name.</summary>
    /// <param name="path">The directory; it and the folders are made when they are first written.</param>
    /// <returns>A copy of these options with another <see cref="CreateStore"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    public CloudStorageServerOptions UseDirectory(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var root = Path.GetFullPath(path);
        var timeProvider = TimeProvider;
        return this with
        {
            CreateStore = bucket => new DirectoryObjectStore(
                // Made at once, so that who takes the folder for the mount finds it, empty.
                Directory.CreateDirectory(Path.Join(root, bucket)).FullName, timeProvider, Random.Shared),
            FindBuckets = () => new DirectoryInfo(root).EnumerateDirectories().Select(folder => folder.Name),
        };
    }
}
