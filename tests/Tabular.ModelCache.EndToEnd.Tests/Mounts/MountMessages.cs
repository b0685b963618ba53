namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>The messages about a mount, in full: people search for them, and the documentation lists them.</summary>
internal static class MountMessages
{
    public static string Dead(string mount, string target) =>
        $"The mount {mount} is dead ('{target}': transport endpoint is not connected): its process ended, mostly for lack of memory; restart the instance with more.";

    public static string Hangs(string mount, string target) =>
        $"The mount {mount} did not answer for '{target}' in time: the file system process hangs; restart the instance.";

    public static string InputOutput(string mount, string target) =>
        $"The mount {mount} failed to read '{target}' (input/output error): the store behind it does not answer, or not with what it listed; " +
        "see the log of the mount, and whether the bucket answers.";

    public static string OtherType(string mount, string expected, string found) =>
        $"ModelCache:MountPath is '{mount}', expected to be a mount of type {expected}, but {found}; " +
        "mount the bucket there, set ModelCache:SharedVolumeEnabled to false for a private directory, or list the type in ModelCache:Mount:AcceptedTypes.";

    public static string OtherBucket(string mount, string mounted, string bucket) =>
        $"{mount} is a mount of '{mounted}', but ModelCache:Bucket is '{bucket}'; " +
        $"mount gs://{bucket} there, or set ModelCache:Bucket to the bucket that is mounted";

    public static string Refused(string target) =>
        $"No permission to read '{target}': the account that mounted the bucket needs roles/storage.objectViewer, or the files belong to another user.";

    public static string NotComplete(PublishedBucket published, string awaited, string cure) =>
        $"The version {published.Version} of the model '{PublishedBucket.Model}' is not complete: waited N s for {awaited}; {cure}.";

    public static string FileMissing(PublishedBucket published, string mount) => NotComplete(
        published,
        $"{published.LargestFile.Name} on the mount {mount}",
        "the mount shows the manifest but not the file: it shows an older listing of the folder (lower its metadata-cache-ttl-secs below " +
        "ModelCache:Mount:LagTimeout), or the file was removed; publish it again with the sync job, or roll back");

    public static string Wrong(string file, string expected, string found) =>
        $"The file {file} is not what was published: expected {expected}, found {found}; publish the model again, or roll back.";
}
